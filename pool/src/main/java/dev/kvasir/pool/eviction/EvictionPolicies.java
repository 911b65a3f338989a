package dev.kvasir.pool.eviction;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The policies by name, with settings that were measured (docs/decisions/0013). */
public enum EvictionPolicies {
    /** By last use alone. */
    LRU {
        @Override
        public EvictionPolicy create(int slots) {
            return new LruPolicy();
        }
    },
    /** By hits that age. */
    LFU {
        @Override
        public EvictionPolicy create(int slots) {
            return new LfuPolicy(halfLife(slots));
        }
    },
    /** By hits that age, with a window for newcomers and a memory of what was evicted. */
    TINYLFU {
        @Override
        public EvictionPolicy create(int slots) {
            return new TinyLfuPolicy(slots, halfLife(slots), WINDOW_SHARE);
        }
    };

    private static final double WINDOW_SHARE = 0.1;
    private static final long HALF_LIFE = 3; // in uses for each slot: about so many times a pool's content

    /** Returns a new policy for one tier of so many slots. */
    public abstract EvictionPolicy create(int slots);

    /**
     * Returns the policy of a name, {@code lru}, {@code lfu} or {@code tinylfu}.
     *
     * @throws IllegalArgumentException if there is none of this name
     */
    public static EvictionPolicies of(String name) {
        for (EvictionPolicies policy : values()) {
            if (policy.toString().equals(name)) {
                return policy;
            }
        }
        throw new IllegalArgumentException("an eviction policy is one of "
                + Arrays.stream(values()).map(EvictionPolicies::toString).collect(Collectors.joining(", "))
                + ", not " + name);
    }

    /** Returns the name as it stands in the settings. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    private static long halfLife(int slots) {
        return HALF_LIFE * Math.max(1, slots);
    }
}
