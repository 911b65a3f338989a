package dev.kvasir.benchmarks.serving;

import org.HdrHistogram.Histogram;

/**
 * A distribution of times, in a histogram that keeps three digits of each. Not thread-safe.
 *
 * <p>A percentile is the smallest recorded time that at least so many percent of all times don't exceed (nearest rank, no interpolation
 * between neighbours), up to 0.1 % too high by the histogram's steps. Mean and maximum are exact.
 */
final class Latencies {
    private static final int DIGITS = 3;
    private static final double NANOS_PER_MILLI = 1e6;

    private final Histogram histogram = new Histogram(DIGITS);
    private double sumNanos;
    private long maxNanos;

    /** Takes one time. */
    void add(long nanos) {
        long time = Math.max(0, nanos);
        histogram.recordValue(time);
        sumNanos += time;
        maxNanos = Math.max(maxNanos, time);
    }

    /** Returns the distribution as numbers. */
    Stats stats() {
        long count = histogram.getTotalCount();
        if (count == 0) {
            return Stats.NONE;
        }
        return new Stats(
                count,
                sumNanos / count / NANOS_PER_MILLI,
                percentile(50),
                percentile(90),
                percentile(99),
                maxNanos / NANOS_PER_MILLI);
    }

    private double percentile(double percent) {
        return Math.min(histogram.getValueAtPercentile(percent), maxNanos) / NANOS_PER_MILLI;
    }

    /**
     * A distribution in numbers, in milliseconds.
     *
     * @param count how many times it is of; all else is NaN when 0
     */
    record Stats(long count, double meanMs, double p50Ms, double p90Ms, double p99Ms, double maxMs) {
        static final Stats NONE = new Stats(0, Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN);
    }
}
