package dev.kvasir.benchmarks.jmh;

import dev.kvasir.benchmarks.jmh.GatherBenchmark.Slots;
import dev.kvasir.runner.RunnerOptions.DTypeChoice;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * {@link GatherBenchmark}'s two ways to lay slots in turns, in one process: what else the machine does falls on both alike, so that a small difference shows
 * where the two measured one after the other differ by more. Prints quantiles of both, and what adjacent slots gain with an interval that holds 95 % of
 * bootstrap samples.
 *
 * <pre>
 *   java -cp 'benchmarks/target/dist/lib/*' dev.kvasir.benchmarks.jmh.GatherInTurns 4096 60
 * </pre>
 */
public final class GatherInTurns {
    private static final long WARM_UP_NANOS = 5_000_000_000L;
    private static final int BLOCK = 50; // pairs: what disturbs one disturbs those next to it
    private static final int SAMPLES = 400;

    private GatherInTurns() {}

    /** Takes a context in tokens, and for how many seconds to measure. */
    public static void main(String[] args) throws IOException {
        int context = Integer.parseInt(args[0]);
        long nanos = Long.parseLong(args[1]) * 1_000_000_000L;
        GatherBenchmark adjacent = load(context, Slots.ADJACENT);
        GatherBenchmark scattered = load(context, Slots.SCATTERED);
        Random random = new Random(1);
        turns(adjacent, scattered, WARM_UP_NANOS, random);
        long[][] times = turns(adjacent, scattered, nanos, random);
        adjacent.close();
        scattered.close();
        System.out.println(context + " tokens, " + times[0].length + " pairs");
        for (double quantile : List.of(0.05, 0.1, 0.25, 0.5)) {
            print(times, quantile, random);
        }
    }

    private static GatherBenchmark load(int context, Slots slots) throws IOException {
        GatherBenchmark benchmark = new GatherBenchmark();
        benchmark.context = context;
        benchmark.slots = slots;
        benchmark.dtype = DTypeChoice.BFLOAT16;
        benchmark.load();
        return benchmark;
    }

    /** Returns times in nanoseconds: of adjacent slots, and of scattered ones. */
    private static long[][] turns(GatherBenchmark adjacent, GatherBenchmark scattered, long nanos, Random random) {
        long[][] times = new long[2][1 << 16];
        int pairs = 0;
        long end = System.nanoTime() + nanos;
        while (System.nanoTime() - end < 0 && pairs < times[0].length) {
            boolean isFirst = random.nextBoolean();
            if (isFirst) {
                times[0][pairs] = time(adjacent);
            }
            times[1][pairs] = time(scattered);
            if (!isFirst) {
                times[0][pairs] = time(adjacent);
            }
            pairs++;
        }
        return new long[][] {Arrays.copyOf(times[0], pairs), Arrays.copyOf(times[1], pairs)};
    }

    private static long time(GatherBenchmark benchmark) {
        long begun = System.nanoTime();
        benchmark.decode();
        return System.nanoTime() - begun;
    }

    private static void print(long[][] times, double quantile, Random random) {
        double[] gains = new double[SAMPLES];
        for (int i = 0; i < SAMPLES; i++) {
            gains[i] = gain(sample(times, random), quantile);
        }
        Arrays.sort(gains);
        System.out.printf(
                "quantile %.2f: adjacent %.3f ms, scattered %.3f ms, gain %.2f %% (%.2f to %.2f)%n",
                quantile,
                quantile(times[0], quantile) / 1e6,
                quantile(times[1], quantile) / 1e6,
                100 * gain(times, quantile),
                100 * gains[SAMPLES / 40],
                100 * gains[SAMPLES - 1 - SAMPLES / 40]);
    }

    private static long[][] sample(long[][] times, Random random) {
        int pairs = times[0].length;
        long[][] drawn = new long[2][pairs];
        for (int i = 0; i < pairs; i += BLOCK) {
            int length = Math.min(BLOCK, pairs - i);
            int from = random.nextInt(pairs - length + 1);
            System.arraycopy(times[0], from, drawn[0], i, length);
            System.arraycopy(times[1], from, drawn[1], i, length);
        }
        return drawn;
    }

    private static double gain(long[][] times, double quantile) {
        return quantile(times[1], quantile) / quantile(times[0], quantile) - 1;
    }

    private static double quantile(long[] times, double quantile) {
        long[] sorted = times.clone();
        Arrays.sort(sorted);
        return sorted[(int) (quantile * sorted.length)];
    }
}
