package dev.kvasir.benchmarks.cluster;

import dev.kvasir.pool.Directory;
import dev.kvasir.pool.NodeStatus;
import dev.kvasir.pool.Placement.Copy;
import dev.kvasir.pool.SegmentId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Who holds what, for all to see at once, and how nodes are, as they said last. */
final class SimIndex {
    private final Map<SegmentId, Map<Integer, Copy>> holders = new HashMap<>();
    private List<NodeStatus> said = List.of();

    void put(SegmentId id, int node, Copy how) {
        holders.computeIfAbsent(id, same -> new TreeMap<>()).put(node, how);
    }

    void remove(SegmentId id, int node) {
        Map<Integer, Copy> nodes = holders.get(id);
        if (nodes != null) {
            nodes.remove(node);
            if (nodes.isEmpty()) {
                holders.remove(id);
            }
        }
    }

    Map<Integer, Copy> holders(SegmentId id) {
        return holders.getOrDefault(id, Map.of());
    }

    void say(List<NodeStatus> statuses) {
        said = List.copyOf(statuses);
    }

    List<NodeStatus> said() {
        return said;
    }

    /** Returns how many segments are held somewhere. */
    int segments() {
        return holders.size();
    }

    /** Returns how many copies there are that are neither the first nor a replica. */
    int duplicates() {
        int duplicates = 0;
        for (Map<Integer, Copy> nodes : holders.values()) {
            int homes = 0;
            for (Copy how : nodes.values()) {
                homes += how == Copy.HOME ? 1 : 0;
            }
            duplicates += Math.max(0, homes - 1);
        }
        return duplicates;
    }

    /** Returns how many replicas there are. */
    int replicas() {
        int replicas = 0;
        for (Map<Integer, Copy> nodes : holders.values()) {
            for (Copy how : nodes.values()) {
                replicas += how == Copy.REPLICA ? 1 : 0;
            }
        }
        return replicas;
    }

    /** Returns what a node sees of the others. */
    Directory viewOf(int self) {
        return new View(self);
    }

    private final class View implements Directory {
        private final int self;

        private View(int self) {
            this.self = self;
        }

        @Override
        public int self() {
            return self;
        }

        @Override
        public List<Holding> holders(SegmentId id) {
            return SimIndex.this.holders(id).entrySet().stream()
                    .filter(entry -> entry.getKey() != self)
                    .map(entry -> new Holding(entry.getKey(), entry.getValue() == Copy.REPLICA))
                    .toList();
        }

        @Override
        public List<NodeStatus> nodes() {
            return said.stream().filter(status -> status.node() != self).toList();
        }

        @Override
        public void announce(SegmentId id, boolean replica) {
            put(id, self, replica ? Copy.REPLICA : Copy.HOME);
        }

        @Override
        public void withdraw(SegmentId id) {
            remove(id, self);
        }

        @Override
        public void report(NodeStatus own) {
            throw new UnsupportedOperationException("all nodes report at once");
        }

        @Override
        public boolean poll(Events events) {
            throw new UnsupportedOperationException("everything is seen at once");
        }
    }
}
