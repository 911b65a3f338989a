package dev.kvasir.engine.routing;

import dev.kvasir.pool.NodeStatus;
import dev.kvasir.pool.PoolUsage;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SegmentIdentity;
import dev.kvasir.scheduler.RouteRequest;
import dev.kvasir.scheduler.RoutingPolicy;
import dev.kvasir.scheduler.Scheduler;
import dev.kvasir.scheduler.SchedulerStats;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Asks the policy. Belongs to the loop, but for what says otherwise. */
final class Chooser {
    /** Where a prefix lies is asked of another thread of this process; who doesn't know so soon isn't waited for. */
    private static final long LOCATE_MILLIS = 100;

    private final NodeView view;
    private final Scheduler local;
    private final boolean computes;
    private final boolean asksForPrefixes;
    private final int segmentTokens;
    private final RoutingPolicy policy;
    private Map<Integer, Integer> located = Map.of(); // tokens by node, of the request that is being placed
    private volatile boolean draining;

    /**
     * Creates it.
     *
     * @param computes whether the local scheduler runs requests
     */
    Chooser(NodeView view, Scheduler local, boolean computes, RoutedScheduler.Policy policy, int segmentTokens) {
        this.view = view;
        this.local = local;
        this.computes = computes;
        this.asksForPrefixes = policy.asksForPrefixes();
        this.segmentTokens = segmentTokens;
        this.policy = policy.create().apply(request -> located);
    }

    /** Has nothing new go to this node any more. Thread-safe. */
    void drain() {
        draining = true;
    }

    /** Returns whether this node takes requests. Thread-safe. */
    boolean isOpen() {
        return computes && !draining;
    }

    /** Returns whether any node takes requests. Thread-safe. */
    boolean isAnyOpen() {
        return isOpen() || view.peers().stream().anyMatch(node -> node.canCompute() && !node.draining());
    }

    /** Returns the other nodes' numbers. */
    Set<Integer> peers() {
        Set<Integer> peers = new HashSet<>();
        view.peers().forEach(node -> peers.add(node.node()));
        return peers;
    }

    /** Returns by node's number how many tokens of a request's prefix lie there, or nothing if the policy doesn't ask. Never fails. */
    CompletableFuture<Map<Integer, Integer>> locate(RouteRequest request) {
        if (!asksForPrefixes) {
            return CompletableFuture.completedFuture(Map.of());
        }
        return view.held(path(request))
                .completeOnTimeout(Map.of(), LOCATE_MILLIS, TimeUnit.MILLISECONDS)
                .exceptionally(e -> Map.of())
                .thenApply(segments -> {
                    Map<Integer, Integer> tokens = new HashMap<>();
                    segments.forEach((node, count) -> tokens.put(node, count * segmentTokens));
                    return tokens;
                });
    }

    private List<SegmentId> path(RouteRequest request) {
        List<SegmentId> path = new ArrayList<>();
        SegmentId id = request.root();
        for (int from = 0; from + segmentTokens <= request.tokens().length; from += segmentTokens) {
            id = SegmentIdentity.next(id, request.tokens(), from, from + segmentTokens);
            path.add(id);
        }
        return path;
    }

    /**
     * Chooses a node.
     *
     * @param tried nodes that don't come into question
     * @param tokens what {@link #locate} said
     */
    OptionalInt choose(RouteRequest request, Set<Integer> tried, Map<Integer, Integer> tokens) {
        List<NodeStatus> nodes = new ArrayList<>();
        for (NodeStatus node : view.peers()) {
            nodes.add(tried.contains(node.node()) ? closed(node) : node);
        }
        if (computes) {
            NodeStatus own = own();
            nodes.add(tried.contains(own.node()) ? closed(own) : own);
        }
        located = tokens;
        try {
            return policy.choose(request, nodes);
        } finally {
            located = Map.of();
        }
    }

    private NodeStatus own() {
        SchedulerStats stats = local.stats();
        PoolUsage slots = stats.pool();
        return new NodeStatus(
                view.self(), slots.slots(), slots.free(), stats.running(), stats.waiting(), 0, true, draining);
    }

    /** The policy is to remember such a node, and not to choose it. */
    private static NodeStatus closed(NodeStatus node) {
        return new NodeStatus(
                node.node(),
                node.slots(),
                node.freeSlots(),
                node.running(),
                node.waiting(),
                node.accessRate(),
                node.canCompute(),
                true);
    }
}
