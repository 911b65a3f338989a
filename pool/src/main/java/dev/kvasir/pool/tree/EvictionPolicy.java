package dev.kvasir.pool.tree;

import java.util.Optional;

/**
 * The order in which a prefix tree gives up its leaves, or a lower tier its segments. The owner says what can be evicted; the policy names the
 * next one, whose last segment then goes. An instance serves one owner and is told of every change. What was used is removed and added
 * again, so that each addition is a use.
 */
public interface EvictionPolicy {
    /** Called when a run can be evicted from now on: it is a leaf and its last reader has left. */
    void add(Evictable leaf);

    /** Called when a run that was added is pinned, has got a child or is gone. */
    void remove(Evictable leaf);

    /**
     * Returns the least valuable of the runs that were added and not removed, empty if there are none. It stays until the
     * tree removes it. The same calls give the same answer: no clock, no chance.
     */
    Optional<Evictable> victim();

    /** Returns how many runs can be evicted. */
    int size();
}
