package dev.kvasir.pool.cluster;

import dev.kvasir.pool.ReadPlan;

/** Decides how what another node holds of a prompt is read: by queries, or from a copy that is fetched for the request. */
public interface ReadPolicy {
    /**
     * Decides.
     *
     * @param node the holder
     * @param segments that it's asked for
     * @param newTokens of the prompt that are to be computed behind the prefix
     * @param freeSlots of this node's device
     */
    ReadPlan plan(int node, int segments, int newTokens, int freeSlots);
}
