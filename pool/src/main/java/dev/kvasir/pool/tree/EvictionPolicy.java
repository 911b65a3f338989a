package dev.kvasir.pool.tree;

import java.util.Optional;

/**
 * The order in which a prefix tree gives up its leaves. The tree says which runs can be evicted; the policy names the next
 * one, whose last segment then goes. An instance serves one tree and is told of every change.
 */
public interface EvictionPolicy {
    /** Called when a run can be evicted from now on: it is a leaf and its last reader has left. */
    void add(EvictableRun run);

    /** Called when a run that was added is pinned, has got a child or is gone. */
    void remove(EvictableRun run);

    /**
     * Returns the least valuable of the runs that were added and not removed, empty if there are none. It stays until the
     * tree removes it. The same calls give the same answer: no clock, no chance.
     */
    Optional<EvictableRun> victim();

    /** Returns how many runs can be evicted. */
    int size();
}
