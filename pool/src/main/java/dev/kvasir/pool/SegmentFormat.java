package dev.kvasir.pool;

/**
 * What the bytes of a segment mean. Nodes whose formats differ can't use each other's segments.
 *
 * @param layout where which key or value lies
 * @param model SHA-256 of the model's config and weights, 32 bytes
 */
public record SegmentFormat(KvLayout layout, SegmentId model) {}
