package dev.kvasir.pool.eviction;

/** Something that nobody pins and nothing depends on, as an {@link EvictionPolicy} sees it: a leaf of the prefix tree, or a lower tier's. */
public interface Evictable {
    /**
     * Returns when it was last used: the count of such events of its owner so far. No two evictable things of one owner have the same one, and
     * it doesn't change while it can be evicted.
     */
    long lastUse();

    /** Returns how often it was found by a later request; doesn't change while it can be evicted. */
    int hits();

    /**
     * Returns a number that names its content: the same when it comes back after an eviction. Content that differs has
     * another one, nearly always. It may change while it can be evicted: a run that splits begins later.
     */
    long content();

    /** Returns how many segments it holds, at least one; may only shrink while it can be evicted. */
    default int segments() {
        return 1;
    }

    /** Returns a number that names its tenant; never changes. */
    default long tenant() {
        return 0;
    }
}
