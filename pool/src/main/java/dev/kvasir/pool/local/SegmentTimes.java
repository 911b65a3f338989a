package dev.kvasir.pool.local;

import dev.kvasir.pool.PoolEvents;
import dev.kvasir.pool.Tier;
import java.util.function.LongSupplier;

/** Since when each slot of a tier has its segment, and when that was found last. Tells how long segments stay, and how far apart their uses are. */
public final class SegmentTimes {
    private final Tier tier;
    private final LongSupplier nanoTime;
    private final PoolEvents events;
    private final long[] since; // (slot)
    private final long[] lastUse; // (slot)

    /**
     * Creates the times of a tier without segments.
     *
     * @param nanoTime a monotonic clock
     */
    public SegmentTimes(Tier tier, int slots, LongSupplier nanoTime, PoolEvents events) {
        this.tier = tier;
        this.nanoTime = nanoTime;
        this.events = events;
        since = new long[slots];
        lastUse = new long[slots];
    }

    /** Returns the time. */
    public long now() {
        return nanoTime.getAsLong();
    }

    /** A slot has got a segment. */
    public void came(int slot) {
        since[slot] = now();
        lastUse[slot] = since[slot];
    }

    /** A slot's segment was found at a time, which may be a while ago. */
    public void used(int slot, long atNanos) {
        // Of look-ups that overlap the last to begin may be the first to count; what lies between them is no gap.
        if (atNanos - lastUse[slot] >= 0) {
            events.onReuse(tier, atNanos - lastUse[slot]);
            lastUse[slot] = atNanos;
        }
    }

    /** A slot has lost its segment. */
    public void gone(int slot) {
        events.onGone(tier, now() - since[slot]);
    }
}
