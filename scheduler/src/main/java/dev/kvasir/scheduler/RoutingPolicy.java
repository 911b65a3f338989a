package dev.kvasir.scheduler;

import dev.kvasir.pool.NodeStatus;
import java.util.List;
import java.util.OptionalInt;

/** Chooses nodes for requests. Whoever asks sends the request there; a policy remembers that. Has one owner. */
public interface RoutingPolicy {
    /**
     * Chooses a node.
     *
     * @param nodes all that are known, in any order
     * @return its number; empty if none computes and stays
     */
    OptionalInt choose(RouteRequest request, List<NodeStatus> nodes);
}
