package dev.kvasir.pool.tree;

/** A leaf of the prefix tree that nobody pins, as an {@link EvictionPolicy} sees it. */
public interface EvictableRun {
    /**
     * Returns when it was last matched, grown or released: the count of such events in the whole tree so far. No two
     * evictable runs have the same one, and it doesn't change while the run can be evicted.
     */
    long lastUse();
}
