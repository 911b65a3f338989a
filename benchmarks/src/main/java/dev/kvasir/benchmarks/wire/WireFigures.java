package dev.kvasir.benchmarks.wire;

import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * What was measured of one pipe.
 *
 * @param name which
 * @param gigabytesPerSecond of segments, 10^9 bytes a second, one value a run
 * @param cpuSecondsPerGigabyte time that this process computed, both ends and the rest, one value a run; a busy machine hardly changes it
 * @param alone round trips of queries with nothing beside them, in nanoseconds
 * @param beside the same while segments are sent as fast as they go
 */
record WireFigures(
        String name,
        List<Double> gigabytesPerSecond,
        List<Double> cpuSecondsPerGigabyte,
        Histogram alone,
        Histogram beside) {
    private static final int DIGITS = 3;

    static WireFigures of(String name) {
        return new WireFigures(
                name, new ArrayList<>(), new ArrayList<>(), new Histogram(DIGITS), new Histogram(DIGITS));
    }

    double medianRate() {
        return median(gigabytesPerSecond);
    }

    double medianCpu() {
        return median(cpuSecondsPerGigabyte);
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
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
