package dev.kvasir.pool.placement;

import dev.kvasir.pool.Placement.Part;
import dev.kvasir.pool.SegmentId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Where new segments go. */
final class Homes {
    /*
     * The least loaded node: by what was read there in the last window, then by free slots. Two nodes whose loads differ by
     * less than a margin count as equally loaded, for three reasons:
     *
     *   - Locality. A segment that stays where it was computed costs no put, and the sequence that reads it at every further
     *     step is there. Moving it for a percent of balance would pay a segment's bytes for nothing.
     *   - What is known of others is old. Without a margin all nodes would send everything to the one that was the least loaded
     *     a second ago. Among equals each segment draws a node by its identity, so that they don't choose the same one.
     *   - Memory. When all nodes are full, a new segment evicts an old one where it goes. Sent to the least read node again and again,
     *     new segments evict each other there, while nodes that are read much keep what nobody has asked for in a long time; the pool as a whole
     *     then finds less than one cache of its size. So the margin is wide, and loads are balanced by moving what is read instead.
     *
     * A long run is cut into pieces, so that one long document doesn't end on one node; pieces are long enough that a request asks
     * few holders.
     */
    private final int self;
    private final double loadMargin;
    private final double freeMargin;
    private final int runSegments;
    private final Loads loads;

    Homes(int self, double loadMargin, double freeMargin, int runSegments, Loads loads) {
        this.self = self;
        this.loadMargin = loadMargin;
        this.freeMargin = freeMargin;
        this.runSegments = runSegments;
        this.loads = loads;
    }

    List<Part> homesFor(List<SegmentId> run) {
        if (run.isEmpty()) {
            throw new IllegalArgumentException("a run has at least one segment");
        }
        List<Part> parts = new ArrayList<>();
        for (int from = 0; from < run.size(); from += runSegments) {
            int to = Math.min(run.size(), from + runSegments);
            int node = homeFor(run.get(from));
            loads.sent(node, to - from, (to - from) * loads.meanSegmentRate());
            Part last = parts.isEmpty() ? null : parts.get(parts.size() - 1);
            if (last != null && last.node() == node) {
                parts.set(parts.size() - 1, new Part(node, last.from(), to));
            } else {
                parts.add(new Part(node, from, to));
            }
        }
        return parts;
    }

    private int homeFor(SegmentId first) {
        List<Integer> all = loads.takers(node -> true);
        if (all.isEmpty()) {
            return self;
        }
        double least = all.stream().mapToDouble(loads::rate).min().orElseThrow();
        double light = least + loadMargin * loads.meanRate();
        List<Integer> equals =
                all.stream().filter(node -> loads.rate(node) <= light).toList();
        double free = equals.stream().mapToDouble(loads::freeShare).max().orElseThrow() - freeMargin;
        equals = equals.stream().filter(node -> loads.freeShare(node) >= free).toList();
        return equals.contains(self) ? self : Loads.draw(first, equals);
    }

    /** Returns the nodes that take something, the least loaded in front: by reads, then by free slots, then as {@code id} draws. */
    static List<Integer> leastLoadedFirst(SegmentId id, Loads loads, List<Integer> nodes) {
        List<Integer> sorted = new ArrayList<>(nodes);
        int drawn = nodes.isEmpty() ? 0 : Loads.draw(id, nodes);
        sorted.sort(Comparator.<Integer>comparingDouble(loads::rate)
                .thenComparing(
                        Comparator.<Integer>comparingDouble(loads::freeShare).reversed())
                .thenComparing(node -> node == drawn ? 0 : 1)
                .thenComparing(Comparator.naturalOrder()));
        return sorted;
    }
}
