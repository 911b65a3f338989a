package dev.kvasir.pool.placement;

import dev.kvasir.pool.Directory;
import dev.kvasir.pool.Directory.Holding;
import dev.kvasir.pool.NodeStatus;
import dev.kvasir.pool.Placement.Copy;
import dev.kvasir.pool.Placement.OwnCopies;
import dev.kvasir.pool.PlacementAction;
import dev.kvasir.pool.SegmentId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;

/** Nodes that place segments by what they know of each other, which is as old as the last {@link #gossip}. What they decide is done at once. */
final class Cluster {
    static final PlacementConfig CONFIG =
            new PlacementConfig(1_000_000_000L, 2, 256, 0.25, 0.25, 0.25, 8, 4, 0.1, 0.1, 16, 64);

    final class Node implements OwnCopies {
        final int number;
        final int slots;
        final Map<SegmentId, Copy> copies = new LinkedHashMap<>(); // the coldest first, as far as anybody cares
        final Set<SegmentId> pinned = new HashSet<>();
        final BalancedPlacement placement;
        boolean draining;
        private final Map<Integer, Map<SegmentId, Copy>> view = new TreeMap<>(); // of others
        private final Map<Integer, NodeStatus> statuses = new TreeMap<>();

        private Node(int number, int slots, PlacementConfig config) {
            this.number = number;
            this.slots = slots;
            placement = new BalancedPlacement(new View(this), this::status, this, config, () -> nanos);
        }

        NodeStatus status() {
            int free = Math.max(0, slots - copies.size());
            return new NodeStatus(number, slots, free, 0, 0, placement.accessRate(), true, draining);
        }

        @Override
        public Copy copyOf(SegmentId id) {
            return copies.getOrDefault(id, Copy.NONE);
        }

        @Override
        public List<SegmentId> replicas() {
            return copies.keySet().stream()
                    .filter(id -> copies.get(id) == Copy.REPLICA)
                    .toList();
        }

        @Override
        public List<SegmentId> coldest(int count) {
            return copies.keySet().stream()
                    .filter(id -> copies.get(id) == Copy.HOME && !pinned.contains(id))
                    .limit(count)
                    .toList();
        }
    }

    /** What a node knows. */
    private record View(Node node) implements Directory {
        @Override
        public int self() {
            return node.number;
        }

        @Override
        public List<Holding> holders(SegmentId id) {
            List<Holding> holders = new ArrayList<>();
            node.view.forEach((number, copies) -> {
                if (copies.containsKey(id)) {
                    holders.add(new Holding(number, copies.get(id) == Copy.REPLICA));
                }
            });
            return holders;
        }

        @Override
        public List<NodeStatus> nodes() {
            return List.copyOf(node.statuses.values());
        }

        @Override
        public void announce(SegmentId id, boolean replica) {
            throw new UnsupportedOperationException("placement only looks");
        }

        @Override
        public void withdraw(SegmentId id) {
            throw new UnsupportedOperationException("placement only looks");
        }

        @Override
        public void report(NodeStatus own) {
            throw new UnsupportedOperationException("placement only looks");
        }

        @Override
        public boolean poll(Events events) {
            throw new UnsupportedOperationException("placement only looks");
        }
    }

    final Map<Integer, Node> nodes = new TreeMap<>();
    private final PlacementConfig config;
    private final Queue<List<Runnable>> replicasOnTheWay = new ArrayDeque<>(); // by epoch
    int replicaDelay; // epochs
    private long nanos;

    Cluster(PlacementConfig config, int nodes, int slots) {
        this.config = config;
        for (int i = 1; i <= nodes; i++) {
            join(i, slots);
        }
        gossip();
    }

    Node join(int number, int slots) {
        Node node = new Node(number, slots, config);
        nodes.put(number, node);
        return node;
    }

    Node node(int number) {
        Node node = nodes.get(number);
        if (node == null) {
            throw new IllegalArgumentException("no node " + number);
        }
        return node;
    }

    /** Has everybody hear how the others are and what they hold. */
    void gossip() {
        nodes.values().forEach(this::gossip);
    }

    void gossip(Node node) {
        node.view.clear();
        node.statuses.clear();
        for (Node other : nodes.values()) {
            if (other != node) {
                node.view.put(other.number, new HashMap<>(other.copies));
                node.statuses.put(other.number, other.status());
                for (SegmentId id : other.copies.keySet()) {
                    if (node.copies.containsKey(id)) {
                        node.placement.onShared(id);
                    }
                }
            }
        }
    }

    /** Lets an epoch pass, with everybody hearing of everything before, and returns what was decided, by node. */
    Map<Integer, List<PlacementAction>> epoch() {
        gossip();
        nanos += config.epochNanos();
        Map<Integer, List<PlacementAction>> decided = new TreeMap<>();
        nodes.forEach((number, node) -> decided.put(number, node.placement.poll()));
        if (replicaDelay > 0 && replicasOnTheWay.size() >= replicaDelay) {
            replicasOnTheWay.remove().forEach(Runnable::run);
        }
        List<Runnable> sent = new ArrayList<>();
        decided.forEach((number, actions) -> actions.forEach(action -> {
            if (replicaDelay > 0 && action instanceof PlacementAction.Replicate) {
                sent.add(() -> carryOut(node(number), action));
            } else {
                carryOut(node(number), action);
            }
        }));
        if (replicaDelay > 0) {
            replicasOnTheWay.add(sent);
        }
        return decided;
    }

    /** Lets time pass for one node and does what it decides. */
    void epochOf(Node node) {
        nanos += config.epochNanos();
        node.placement.poll().forEach(action -> carryOut(node, action));
    }

    /** Reads a segment from all its holders in turn, tokens each second in all. */
    void read(SegmentId id, int tokens) {
        List<Node> holders = nodes.values().stream()
                .filter(node -> node.copies.containsKey(id))
                .toList();
        holders.forEach(node -> node.placement.onRead(id, tokens / holders.size()));
    }

    List<Node> holders(SegmentId id) {
        return nodes.values().stream()
                .filter(node -> node.copies.containsKey(id))
                .toList();
    }

    private void carryOut(Node node, PlacementAction action) {
        SegmentId id = action.id();
        if (action instanceof PlacementAction.Replicate replicate) {
            Node to = nodes.get(replicate.to());
            if (to != null) {
                to.copies.putIfAbsent(id, Copy.REPLICA);
            }
        } else if (action instanceof PlacementAction.Move move) {
            Node to = nodes.get(move.to());
            if (to != null) {
                to.copies.put(id, Copy.HOME);
                drop(node, id);
            }
        } else if (action instanceof PlacementAction.Promote) {
            node.copies.put(id, Copy.HOME);
        } else {
            drop(node, id);
        }
    }

    private static void drop(Node node, SegmentId id) {
        if (!node.pinned.contains(id)) {
            node.copies.remove(id);
        }
    }

    static SegmentId id(long number) {
        // Spread like a digest.
        long w = (number + 1) * 0x9e3779b97f4a7c15L;
        return new SegmentId((w ^ (w >>> 29)) * 0xbf58476d1ce4e5b9L, w, number, 7);
    }
}
