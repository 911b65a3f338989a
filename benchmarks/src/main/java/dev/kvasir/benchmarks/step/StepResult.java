package dev.kvasir.benchmarks.step;

import dev.kvasir.runner.RunnerOptions.Plan;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * All measurements of one workload by one plan.
 *
 * @param measurements in the order in which they were taken
 */
record StepResult(Workload workload, Plan plan, List<Measurement> measurements) {
    StepResult {
        measurements = List.copyOf(measurements);
        if (measurements.isEmpty()) {
            throw new IllegalArgumentException(workload + " has no measurements");
        }
    }

    /** Returns the median of a number of each measurement; of an even count, the mean of the middle two. */
    double median(ToDoubleFunction<Measurement> number) {
        return median(measurements.stream().mapToDouble(number).toArray());
    }

    double min(ToDoubleFunction<Measurement> number) {
        return measurements.stream().mapToDouble(number).min().orElseThrow();
    }

    double max(ToDoubleFunction<Measurement> number) {
        return measurements.stream().mapToDouble(number).max().orElseThrow();
    }

    /**
     * Returns how many times as long this takes as {@code base}: the median over the turns of the ratio of one turn, in which
     * both ran one right after the other.
     */
    double timeRatio(StepResult base) {
        return median(IntStream.range(0, measurements.size())
                .mapToDouble(turn -> (double) measurements.get(turn).nanos()
                        / base.measurements.get(turn).nanos())
                .toArray());
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        int middle = values.length / 2;
        return values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
}
