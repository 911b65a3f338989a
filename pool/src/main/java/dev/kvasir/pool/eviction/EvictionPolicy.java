package dev.kvasir.pool.eviction;

import java.util.Optional;

/**
 * The order in which a prefix tree gives up its leaves, or a lower tier its segments. The owner says what can be evicted; the policy names the
 * next one, whose last segment then goes. An instance serves one owner and is told of every change. What was used is removed and added
 * again. What is added without a later last use than all before it wasn't used: its last child was evicted.
 */
public interface EvictionPolicy {
    /**
     * Called when something can be evicted from now on: a leaf whose last reader has left, or a run whose last child is gone.
     *
     * @throws IllegalStateException if it was added before, or another one was last used at the same time
     */
    void add(Evictable leaf);

    /**
     * Called when something that was added is pinned, has got a child or is gone.
     *
     * @throws IllegalStateException if it isn't there
     */
    void remove(Evictable leaf);

    /**
     * Returns the least valuable of what was added and not removed, empty if there is nothing. It stays until its owner
     * removes it, so that a run of several segments is named again for each. Changes nothing, and the same calls give the
     * same answer: no clock, no chance.
     */
    Optional<Evictable> victim();

    /** Returns how many things can be evicted. */
    int size();
}
