package dev.kvasir.engine.routing;

import java.util.concurrent.TimeUnit;

/**
 * When front and worker lose patience.
 *
 * @param aliveMillis how often each says which attempts it knows
 * @param deadlineMillis an attempt, or a front, that isn't heard of for so long is lost
 * @param placeMillis so long a request may look for a worker that takes it
 * @param attempts most attempts of a request that may fail at a worker that had it
 */
public record RoutingTiming(long aliveMillis, long deadlineMillis, long placeMillis, int attempts) {
    /** Half a second, 3 s, 60 s, 8 attempts: a front that is cut off from all workers for 20 s waits until it has met them again, which takes as long once more. */
    public static final RoutingTiming DEFAULT = new RoutingTiming(500, 3000, 60_000, 8);

    public RoutingTiming {
        if (aliveMillis < 5 || deadlineMillis < 2 * aliveMillis || placeMillis < 1 || attempts < 1) {
            throw new IllegalArgumentException("no such timing: " + aliveMillis + " ms, " + deadlineMillis + " ms, "
                    + placeMillis + " ms, " + attempts + " attempts");
        }
    }

    /** Returns how often {@code tick} is to be called. */
    long tickMillis() {
        return aliveMillis / 5;
    }

    long aliveNanos() {
        return TimeUnit.MILLISECONDS.toNanos(aliveMillis);
    }

    long deadlineNanos() {
        return TimeUnit.MILLISECONDS.toNanos(deadlineMillis);
    }

    long placeNanos() {
        return TimeUnit.MILLISECONDS.toNanos(placeMillis);
    }
}
