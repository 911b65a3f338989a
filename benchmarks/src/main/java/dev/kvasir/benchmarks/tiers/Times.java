package dev.kvasir.benchmarks.tiers;

import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * Times in quartiles, in nanoseconds; each a time that was measured, to three digits.
 *
 * @param count how many were measured
 * @param lower a quarter took no longer
 * @param median a half took no longer
 * @param upper three quarters took no longer
 */
record Times(int count, double lower, double median, double upper) {
    private static final int DIGITS = 3;

    /** Sorts measured nanoseconds. */
    static Times of(List<Long> nanos) {
        if (nanos.isEmpty()) {
            throw new IllegalArgumentException("nothing was measured");
        }
        Histogram histogram = new Histogram(DIGITS);
        nanos.forEach(time -> histogram.recordValue(Math.max(0, time)));
        return new Times(
                nanos.size(),
                histogram.getValueAtPercentile(25),
                histogram.getValueAtPercentile(50),
                histogram.getValueAtPercentile(75));
    }
}
