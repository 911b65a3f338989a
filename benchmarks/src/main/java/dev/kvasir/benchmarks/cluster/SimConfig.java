package dev.kvasir.benchmarks.cluster;

import dev.kvasir.pool.KvLayout;
import dev.kvasir.pool.ReadPlan.Way;
import dev.kvasir.pool.placement.Link;
import dev.kvasir.scheduler.routing.RoutingPolicies;
import org.jspecify.annotations.Nullable;

/**
 * A cluster to simulate.
 *
 * @param nodes how many
 * @param slots of each
 * @param running most requests that a node runs at once
 * @param pooled whether all caches are one; else each node knows its own alone
 * @param routing which node runs a request
 * @param layout of segments
 * @param heads query heads
 * @param link between any two nodes
 * @param reads how prefixes on other nodes are read; null: as is faster
 * @param prefillTokenSeconds for each new token of a prompt
 * @param outputTokenSeconds for each token of an answer
 * @param warmUp part of the requests that isn't counted
 * @param windowSeconds over which accesses of nodes are compared
 * @param seed of the routing policy
 */
record SimConfig(
        int nodes,
        int slots,
        int running,
        boolean pooled,
        RoutingPolicies routing,
        KvLayout layout,
        int heads,
        Link link,
        @Nullable Way reads,
        double prefillTokenSeconds,
        double outputTokenSeconds,
        double warmUp,
        double windowSeconds,
        long seed) {
    /** Returns one node with the memory and the room for requests of all of them. */
    SimConfig asOneBigNode() {
        return new SimConfig(
                1,
                nodes * slots,
                nodes * running,
                false,
                RoutingPolicies.ROUND_ROBIN,
                layout,
                heads,
                link,
                reads,
                prefillTokenSeconds,
                outputTokenSeconds,
                warmUp,
                windowSeconds,
                seed);
    }
}
