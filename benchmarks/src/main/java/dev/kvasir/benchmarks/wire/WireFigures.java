package dev.kvasir.benchmarks.wire;

import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * What was measured of one pipe.
 *
 * @param name which
 * @param gigabytesPerSecond of segments, 10^9 bytes a second, one value a run
 * @param alone round trips of queries with nothing beside them, in nanoseconds
 * @param beside the same while segments are sent as fast as they go
 */
record WireFigures(String name, List<Double> gigabytesPerSecond, Histogram alone, Histogram beside) {
    private static final int DIGITS = 3;

    static WireFigures of(String name) {
        return new WireFigures(name, new ArrayList<>(), new Histogram(DIGITS), new Histogram(DIGITS));
    }

    /** Returns the run's value that as many are above as below. */
    double medianRate() {
        return gigabytesPerSecond.stream().sorted().toList().get(gigabytesPerSecond.size() / 2);
    }

    double slowest() {
        return gigabytesPerSecond.stream()
                .mapToDouble(Double::doubleValue)
                .min()
                .orElseThrow();
    }

    double fastest() {
        return gigabytesPerSecond.stream()
                .mapToDouble(Double::doubleValue)
                .max()
                .orElseThrow();
    }
}
