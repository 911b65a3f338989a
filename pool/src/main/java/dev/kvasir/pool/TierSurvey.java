package dev.kvasir.pool;

import org.jspecify.annotations.Nullable;

/**
 * Every slot of one tier at a moment, for who draws it. The arrays are handed over; entry i of each is slot i's.
 *
 * @param tier which
 * @param states {@link #FREE}, {@link #WRITING}, {@link #PINNED} or {@link #EVICTABLE}
 * @param hits how often a prompt that was looked up began with the slot's segment
 * @param lastUses when that was used last: a number that grows with every use of the tier
 * @param ids identities of the segments, null where there is none
 * @param parents identities of those before them, or where their chain starts
 */
public record TierSurvey(
        Tier tier,
        byte[] states,
        int[] hits,
        long[] lastUses,
        @Nullable SegmentId[] ids,
        @Nullable SegmentId[] parents) {
    /** It holds nothing. */
    public static final byte FREE = 0;
    /** It's being written, or copied before it is free. */
    public static final byte WRITING = 1;
    /** Its segment is in use. */
    public static final byte PINNED = 2;
    /** Its segment can be reused, and evicted. */
    public static final byte EVICTABLE = 3;

    public TierSurvey {
        int slots = states.length;
        if (hits.length != slots || lastUses.length != slots || ids.length != slots || parents.length != slots) {
            throw new IllegalArgumentException("a survey of " + slots + " slots says something of " + hits.length + ", "
                    + lastUses.length + ", " + ids.length + " and " + parents.length);
        }
    }

    /** Creates a survey that says nothing yet but that all slots are free. */
    public static TierSurvey ofFree(Tier tier, int slots) {
        return new TierSurvey(
                tier, new byte[slots], new int[slots], new long[slots], new SegmentId[slots], new SegmentId[slots]);
    }

    /** Notes a segment, while the survey is being made. */
    public void put(int slot, SegmentId id, SegmentId parent, int segmentHits, long lastUse, boolean pinned) {
        states[slot] = pinned ? PINNED : EVICTABLE;
        hits[slot] = segmentHits;
        lastUses[slot] = lastUse;
        ids[slot] = id;
        parents[slot] = parent;
    }
}
