package dev.kvasir.pool.transfer;

import dev.kvasir.pool.SegmentId;

/**
 * Who this node is to others.
 *
 * @param node its number in addresses
 * @param life another one each time it starts, such as the time
 * @param model SHA-256 of the model's config and weights
 */
public record LocalNode(int node, long life, SegmentId model) {}
