package dev.kvasir.pool.placement;

import dev.kvasir.pool.NodeStatus;
import dev.kvasir.pool.SegmentId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import java.util.function.ToDoubleFunction;

/** How loaded the nodes are: what they said last, and what was sent to them since. */
final class Loads {
    private static final class Load {
        private NodeStatus said;
        private int sentSegments;
        private double sentRate;

        private Load(NodeStatus said) {
            this.said = said;
        }

        private double rate() {
            return Math.max(0, said.accessRate() + sentRate);
        }

        private double freeShare() {
            double free = said.freeSlots() - (double) sentSegments;
            return said.slots() == 0 ? 0 : Math.max(0, free) / said.slots();
        }
    }

    private final Map<Integer, Load> nodes = new TreeMap<>();

    /** Takes what nodes say of themselves. What was sent to one is forgotten when it says something new. */
    void update(NodeStatus self, List<NodeStatus> others) {
        Map<Integer, NodeStatus> now = new HashMap<>();
        now.put(self.node(), self);
        others.forEach(other -> now.put(other.node(), other));
        nodes.keySet().retainAll(now.keySet());
        now.forEach((node, status) -> {
            Load known = nodes.get(node);
            if (known == null || !known.said.equals(status)) {
                nodes.put(node, new Load(status));
            }
        });
    }

    /** Counts segments, and reads that come with them, as sent to a node; what leaves one is negative. */
    void sent(int node, int segments, double rate) {
        Load load = nodes.get(node);
        if (load != null) {
            load.sentSegments += segments;
            load.sentRate += rate;
        }
    }

    int count() {
        return nodes.size();
    }

    boolean isKnown(int node) {
        return nodes.containsKey(node);
    }

    boolean isDraining(int node) {
        Load load = nodes.get(node);
        return load != null && load.said.draining();
    }

    /** Returns tokens of its segments that are read a second. */
    double rate(int node) {
        Load load = nodes.get(node);
        return load == null ? 0 : load.rate();
    }

    /** Returns from 0 to 1 which part of its slots holds nothing. */
    double freeShare(int node) {
        Load load = nodes.get(node);
        return load == null ? 0 : load.freeShare();
    }

    /** Returns the reads of all nodes, in tokens a second. */
    double totalRate() {
        return sum(Load::rate);
    }

    /** Returns the mean over nodes that take something. */
    double meanRate() {
        return mean(Load::rate);
    }

    /** Returns the mean over nodes that take something. */
    double meanFreeShare() {
        return mean(Load::freeShare);
    }

    /** Returns the greatest among nodes that take something. */
    double greatestFreeShare() {
        return nodes.values().stream()
                .filter(Loads::takes)
                .mapToDouble(Load::freeShare)
                .max()
                .orElse(0);
    }

    /** Returns what a segment that is held somewhere is read, on the average. */
    double meanSegmentRate() {
        double held = sum(load -> load.said.slots() - load.said.freeSlots());
        return held == 0 ? 0 : totalRate() / held;
    }

    /** Returns the nodes that take something, in the order of their numbers. */
    List<Integer> takers(IntPredicate which) {
        List<Integer> takers = new ArrayList<>();
        nodes.forEach((node, load) -> {
            if (takes(load) && which.test(node)) {
                takers.add(node);
            }
        });
        return takers;
    }

    /**
     * Returns the node that a segment draws among several, the same on every node and for each segment another: rendezvous hashing. Where many have to
     * choose at once from the same old figures it keeps them from all choosing the same.
     */
    static int draw(SegmentId id, List<Integer> among) {
        int drawn = among.get(0);
        long highest = Long.MIN_VALUE;
        for (int node : among) {
            long weight = (id.w0() ^ (node * 0x9e3779b97f4a7c15L)) * 0xbf58476d1ce4e5b9L;
            weight = (weight ^ (weight >>> 29)) * 0x94d049bb133111ebL;
            weight ^= weight >>> 32;
            if (weight > highest) {
                highest = weight;
                drawn = node;
            }
        }
        return drawn;
    }

    private double mean(ToDoubleFunction<Load> what) {
        return nodes.values().stream()
                .filter(Loads::takes)
                .mapToDouble(what)
                .average()
                .orElse(0);
    }

    private double sum(ToDoubleFunction<Load> what) {
        return nodes.values().stream().mapToDouble(what).sum();
    }

    private static boolean takes(Load load) {
        return !load.said.draining() && load.said.slots() > 0;
    }
}
