package dev.kvasir.scheduler;

/**
 * How long a request waits for what lower tiers have of its prompt.
 *
 * @param patience whether and how it waits
 * @param timeoutNanos with {@link Patience#TIMEOUT}: so long at most, from its first look-up on
 */
public record PrefetchConfig(Patience patience, long timeoutNanos) {
    /** When a request stops waiting. */
    public enum Patience {
        /** At once: it uses what has arrived when its turn comes. */
        BEST_EFFORT,
        /** When all has arrived. */
        WAIT,
        /** When all has arrived, or after some time. */
        TIMEOUT
    }

    public PrefetchConfig {
        if (timeoutNanos < 0) {
            throw new IllegalArgumentException("a request can't wait " + timeoutNanos + " ns");
        }
    }
}
