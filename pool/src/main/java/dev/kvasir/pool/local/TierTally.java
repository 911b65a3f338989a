package dev.kvasir.pool.local;

import dev.kvasir.pool.TierCounters;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Counts what happens in one tier. Not thread-safe: the step thread owns it. */
public final class TierTally {
    private final int segmentTokens;
    private final Map<String, Long> failures = new TreeMap<>();

    private long hits;
    private long misses;
    private long promotions;
    private long demotions;
    private long evictions;
    private Map<String, Long> knownFailures = Map.of();
    private @Nullable TierCounters counters; // null since the last change

    /** Creates a tally of a tier whose segments have {@code segmentTokens} tokens. */
    public TierTally(int segmentTokens) {
        this.segmentTokens = segmentTokens;
    }

    /** A prompt could have reused {@code asked} segments from here on; {@code found} of them were here. */
    public void lookedUp(int asked, int found) {
        if (asked > 0) {
            hits += found;
            misses += asked - found;
            counters = null;
        }
    }

    /** A look-up that was counted doesn't count: it is to be made again. */
    public void gaveUp(int asked, int found) {
        hits -= found;
        misses -= asked - found;
        counters = null;
    }

    /** Segments went to a faster tier. */
    public void promoted(int segments) {
        promotions += segments;
        counters = null;
    }

    /** Segments came from a faster tier. */
    public void demoted(int segments) {
        demotions += segments;
        counters = null;
    }

    /** Segments were dropped. */
    public void evicted(int segments) {
        evictions += segments;
        counters = null;
    }

    /**
     * Something failed.
     *
     * @param reason one of few words of {@code a-z} and {@code _}, such as {@code disk_full}; never a message
     */
    public void failed(String reason) {
        TierCounters.checkReason(reason);
        failures.merge(reason, 1L, Long::sum);
        knownFailures = Map.copyOf(failures);
        counters = null;
    }

    /** Returns how many segments were dropped. */
    public long evictions() {
        return evictions;
    }

    /** Returns the counts; the same object until one changes. */
    public TierCounters counters() {
        TierCounters now = counters;
        if (now == null) {
            now = new TierCounters(hits, hits * segmentTokens, misses, promotions, demotions, evictions, knownFailures);
            counters = now;
        }
        return now;
    }
}
