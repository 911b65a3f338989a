package dev.kvasir.pool.eviction;

import dev.kvasir.pool.TenantReport;
import java.util.Map;
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

    // Tenants. Most policies don't tell them apart; TenantShares does.

    /** Called when a tenant has so many slots more, or fewer if it's negative: with what can be evicted or what can't. */
    default void onHeld(long tenant, int change) {}

    /** Called when so many more of a tenant's slots can't be given up for now, or fewer: filled, or read. */
    default void onInUse(long tenant, int change) {}

    /** Returns how many of its own a tenant has to give up if it is to have so many slots more. */
    default int excess(long tenant, int more) {
        return 0;
    }

    /** Like {@link #victim()}, but names one of a tenant's own; nothing if it has none, or tenants aren't told apart. */
    default Optional<Evictable> victimOf(long tenant) {
        return Optional.empty();
    }

    /** Returns how many slots a tenant can take without having more in use than it may hold. */
    default int room(long tenant) {
        return Integer.MAX_VALUE;
    }

    /** Returns how many slots a tenant may hold, {@link TenantReport#NO_QUOTA} if that isn't limited. */
    default int quota() {
        return (int) TenantReport.NO_QUOTA;
    }

    /**
     * Compares its books with what tenants really hold.
     *
     * @param held slots by tenant; who has none is left out
     * @throws IllegalStateException if they differ
     */
    default void checkHeld(Map<Long, Integer> held) {}
}
