package dev.kvasir.scheduler;

import dev.kvasir.pool.SegmentId;

/**
 * A request that looks for a node.
 *
 * @param root where its identity chain starts: model and tenant
 * @param tokens its prompt; not kept, not to be changed
 */
public record RouteRequest(SegmentId root, int[] tokens) {}
