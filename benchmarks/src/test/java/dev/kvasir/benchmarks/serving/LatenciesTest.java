package dev.kvasir.benchmarks.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.kvasir.benchmarks.serving.Latencies.Stats;
import dev.kvasir.testing.RandomizedTest;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LatenciesTest {
    private static final long MS = 1_000_000;

    @Test
    void ofNothingIsNotANumber() {
        assertThat(new Latencies().stats()).isEqualTo(Stats.NONE);
    }

    @Test
    void ofOneTimeIsThatTimeThroughout() {
        Latencies latencies = new Latencies();
        latencies.add(123_456_789);
        assertThat(latencies.stats())
                .isEqualTo(new Stats(1, 123.456789, 123.456789, 123.456789, 123.456789, 123.456789));
    }

    @Test
    void aPercentileIsTheSmallestTimeThatSoManyPercentDoNotExceed() {
        Latencies latencies = new Latencies();
        for (int ms = 1; ms <= 100; ms++) {
            latencies.add(ms * MS);
        }
        Stats stats = latencies.stats();
        assertThat(stats.count()).isEqualTo(100);
        assertThat(stats.meanMs()).isEqualTo(50.5, within(1e-9));
        assertThat(stats.p50Ms()).isEqualTo(50, within(0.05));
        assertThat(stats.p90Ms()).isEqualTo(90, within(0.09));
        assertThat(stats.p99Ms()).isEqualTo(99, within(0.099));
        assertThat(stats.maxMs()).isEqualTo(100);
    }

    @Test
    void aClockThatWentBackCountsAsNoTime() {
        Latencies latencies = new Latencies();
        latencies.add(-5);
        assertThat(latencies.stats().maxMs()).isZero();
    }

    @RandomizedTest
    void agreesWithSortingWithinTheHistogramsThreeDigits(SplittableRandom random) {
        int count = 1 + random.nextInt(2_000);
        long[] times = new long[count];
        Latencies latencies = new Latencies();
        for (int i = 0; i < count; i++) {
            times[i] = (long) Math.exp(random.nextDouble(27)); // 1 ns to 9 minutes
            latencies.add(times[i]);
        }
        Arrays.sort(times);
        Stats stats = latencies.stats();
        assertThat(stats.p50Ms()).isBetween(rank(times, 50), 1.001 * rank(times, 50));
        assertThat(stats.p90Ms()).isBetween(rank(times, 90), 1.001 * rank(times, 90));
        assertThat(stats.p99Ms()).isBetween(rank(times, 99), 1.001 * rank(times, 99));
        assertThat(stats.maxMs()).isEqualTo(times[count - 1] / 1e6);
        assertThat(stats.meanMs()).isEqualTo(Arrays.stream(times).average().orElseThrow() / 1e6, within(1e-3));
    }

    private static double rank(long[] sorted, int percent) {
        int rank = (int) Math.ceil(percent / 100.0 * sorted.length);
        return sorted[rank - 1] / 1e6;
    }
}
