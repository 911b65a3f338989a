package dev.kvasir.pool.eviction;

import java.util.Optional;

/**
 * Evicts what has the fewest hits, of equals what was used the longest time ago. Hits age: after each half-life without a use
 * they count half. O(log n) for each change of n leaves.
 */
public final class LfuPolicy implements EvictionPolicy {
    private final AgedHits aged;
    private final Ranking leaves = new Ranking();

    /** Creates a policy whose hits have a half-life of so many uses, as {@link Evictable#lastUse()} counts them. */
    public LfuPolicy(long halfLife) {
        aged = new AgedHits(halfLife);
    }

    @Override
    public void add(Evictable leaf) {
        leaves.add(leaf, aged.rank(leaf.hits(), leaf.lastUse()));
    }

    @Override
    public void remove(Evictable leaf) {
        if (!leaves.remove(leaf)) {
            throw Ranking.unknown(leaf);
        }
    }

    @Override
    public Optional<Evictable> victim() {
        return leaves.lowest();
    }

    @Override
    public int size() {
        return leaves.size();
    }
}
