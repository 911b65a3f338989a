package dev.kvasir.pool.plans;

import dev.kvasir.pool.KvLayout;

/**
 * What plans are made for.
 *
 * @param heads query heads
 * @param queryElementBytes bytes of an element of queries and outputs on the wire
 * @param chunkTokens most tokens of a prompt that one step computes
 * @param power of a node
 */
public record PlanConfig(KvLayout layout, int heads, int queryElementBytes, int chunkTokens, NodePower power) {
    public PlanConfig {
        if (heads < 1 || queryElementBytes < 1 || chunkTokens < 1) {
            throw new IllegalArgumentException("no plans for " + heads + " heads, elements of " + queryElementBytes
                    + " bytes and chunks of " + chunkTokens + " tokens");
        }
    }
}
