package dev.kvasir.pool;

/**
 * Says what share of the segments looked up a pool of any size would have found, if it gave up the least recently used ones first. A segment's <em>reuse
 * distance</em> is the number of other segments looked up since it was last: a pool of that size or less has lost it. Thread-safe.
 */
public interface ReuseDistances {
    /** A prompt's first {@code length} tokens were looked up; nothing of it is kept. */
    void lookedUp(SegmentId root, int[] tokens, int length);

    /** Returns the share of look-ups that a pool of so many segments would have found, from 0 to 1; NaN before the first look-up. */
    double hitRate(long segments);

    /** Returns about how many different segments the look-ups counted here asked for. */
    long distinct();
}
