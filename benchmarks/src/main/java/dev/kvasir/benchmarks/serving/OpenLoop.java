package dev.kvasir.benchmarks.serving;

import java.util.random.RandomGenerator;

/**
 * Poisson arrivals: gaps between requests are exponential with a mean of {@code 1 / rate}, however the server is doing. The
 * times don't move when a request is sent late, so a slow stretch is followed by a burst, as with real clients.
 */
final class OpenLoop implements Pace {
    private static final double NANOS_PER_SECOND = 1e9;

    private final double perSecond;
    private final RandomGenerator random;
    private final LoadClock clock;
    private final long startNanos;
    private double offsetNanos;

    /**
     * Arrivals from now on.
     *
     * @param perSecond mean number of requests a second; infinity makes all of them due at once
     */
    OpenLoop(double perSecond, RandomGenerator random, LoadClock clock) {
        if (!(perSecond > 0)) {
            throw new IllegalArgumentException("a rate must be positive, not " + perSecond);
        }
        this.perSecond = perSecond;
        this.random = random;
        this.clock = clock;
        this.startNanos = clock.nanoTime();
    }

    @Override
    public long awaitNext() throws InterruptedException {
        // Summed as a double: rounding each gap to a nanosecond would bend the rate of a long run.
        offsetNanos += -Math.log1p(-random.nextDouble()) / perSecond * NANOS_PER_SECOND;
        long dueNanos = startNanos + Math.round(offsetNanos);
        clock.sleepUntil(dueNanos);
        return dueNanos;
    }

    @Override
    public void onEnd() {}
}
