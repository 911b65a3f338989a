package dev.kvasir.pool.placement;

import dev.kvasir.pool.SegmentId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import org.apache.datasketches.frequencies.ErrorType;
import org.apache.datasketches.frequencies.ItemsSketch;

/** Which segments are read most of late, and how much, in a fixed amount of memory. */
final class HeavyHitters {
    /*
     * A frequent-items sketch (Apache DataSketches, after Misra and Gries; Anderson et al., "A High-Performance Algorithm for
     * Identifying Frequent Items in Data Streams", 2017) per epoch, in a ring of the last few; what is asked for is their
     * merger. So reads older than the ring count for nothing, a change shows after one epoch and fully after all of them.
     * Halving one sketch each epoch would forget more smoothly, but the sketch can't be scaled, and rebuilding it from its rows
     * would lose the bounds.
     *
     * With m counters and T tokens in the ring, an estimate is off by at most 3.5 T / m, and whatever has more than that is
     * in the list: of 1,024 counters that's 0.34 % of what this node reads.
     */
    private static final Comparator<Hitter> HOTTEST_FIRST = Comparator.comparingDouble(Hitter::rate)
            .reversed()
            .thenComparing(hitter -> hitter.id().w0())
            .thenComparing(hitter -> hitter.id().w1());

    private final int counters;
    private final int windows;
    private final Deque<Window> past = new ArrayDeque<>(); // the oldest first
    private ItemsSketch<SegmentId> current;

    /** Reads of one epoch. */
    private record Window(ItemsSketch<SegmentId> reads, long nanos) {}

    /**
     * How much a segment is read, in tokens a second.
     *
     * @param rate about
     * @param least surely no less
     * @param most surely no more
     */
    record Hitter(SegmentId id, double rate, double least, double most) {}

    /**
     * Creates one that has counted nothing.
     *
     * @param counters a power of two of at least 8
     * @param windows epochs that count
     */
    HeavyHitters(int counters, int windows) {
        this.counters = counters;
        this.windows = windows;
        current = new ItemsSketch<>(counters);
    }

    /** Counts tokens that were read. */
    void add(SegmentId id, int tokens) {
        if (tokens > 0) {
            current.update(id, tokens);
        }
    }

    /** Ends an epoch that took so long. */
    void endEpoch(long nanos) {
        if (nanos < 1) {
            throw new IllegalArgumentException("an epoch can't take " + nanos + " ns");
        }
        past.addLast(new Window(current, nanos));
        if (past.size() > windows) {
            past.removeFirst();
        }
        current = new ItemsSketch<>(counters);
    }

    /** Returns what can be told apart of the past epochs, what is read most in front; the epoch that goes on doesn't count yet. */
    List<Hitter> hottest() {
        ItemsSketch<SegmentId> all = new ItemsSketch<>(counters);
        long nanos = 0;
        for (Window window : past) {
            all.merge(window.reads());
            nanos += window.nanos();
        }
        List<Hitter> hitters = new ArrayList<>();
        if (!all.isEmpty()) {
            double perSecond = 1e9 / nanos;
            for (ItemsSketch.Row<SegmentId> row : all.getFrequentItems(ErrorType.NO_FALSE_NEGATIVES)) {
                hitters.add(new Hitter(
                        row.getItem(),
                        row.getEstimate() * perSecond,
                        row.getLowerBound() * perSecond,
                        row.getUpperBound() * perSecond));
            }
        }
        hitters.sort(HOTTEST_FIRST);
        return hitters;
    }

    /** Returns how many tokens a second were read in the past epochs; exact. */
    double totalRate() {
        long tokens = 0;
        long nanos = 0;
        for (Window window : past) {
            tokens += window.reads().getStreamLength();
            nanos += window.nanos();
        }
        return nanos == 0 ? 0 : tokens * 1e9 / nanos;
    }
}
