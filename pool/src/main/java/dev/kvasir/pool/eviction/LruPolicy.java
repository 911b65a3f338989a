package dev.kvasir.pool.eviction;

import java.util.Comparator;
import java.util.Optional;
import java.util.TreeSet;

/** Evicts the run that was used the longest time ago. O(log n) for each change of n evictable runs. */
public final class LruPolicy implements EvictionPolicy {
    /*
     * A linked list in order of use would be O(1), but a run often becomes evictable long after its last use: when its last
     * child is evicted. It then belongs somewhere in the middle, hence a sorted set.
     */
    private final TreeSet<Evictable> runs = new TreeSet<>(Comparator.comparingLong(Evictable::lastUse));

    @Override
    public void add(Evictable run) {
        if (!runs.add(run)) {
            throw new IllegalStateException("two evictable runs were last used at " + run.lastUse());
        }
    }

    @Override
    public void remove(Evictable run) {
        if (!runs.remove(run)) {
            throw new IllegalStateException("no evictable run was last used at " + run.lastUse());
        }
    }

    @Override
    public Optional<Evictable> victim() {
        return runs.isEmpty() ? Optional.empty() : Optional.of(runs.first());
    }

    @Override
    public int size() {
        return runs.size();
    }
}
