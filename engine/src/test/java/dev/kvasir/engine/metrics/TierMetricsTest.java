package dev.kvasir.engine.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.PoolUsage;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.TierCounters;
import dev.kvasir.pool.TierReport;
import dev.kvasir.scheduler.SchedulerStats;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Tiers that a server doesn't have yet: their numbers are made up, the registry is the real one. */
class TierMetricsTest {
    private final AtomicReference<SchedulerStats> stats = new AtomicReference<>(stats(Map.of()));

    @Test
    void everyTierHasItsOwnNumbers() throws Exception {
        try (Metrics metrics = new Metrics()) {
            ServingMetrics serving = new ServingMetrics(metrics.registry(), "m", stats::get);
            serving.refresh();
            String text = metrics.scrape();
            for (String line : List.of(
                    // 1000 tokens looked up: the device had 600, so the host was asked for 400 and the disk for 100.
                    "prefix_cache_queries_total{model_name=\"m\",tier=\"device\"} 1000.0",
                    "prefix_cache_queries_total{model_name=\"m\",tier=\"host\"} 400.0",
                    "prefix_cache_queries_total{model_name=\"m\",tier=\"disk\"} 100.0",
                    "prefix_cache_hits_total{model_name=\"m\",tier=\"device\"} 600.0",
                    "prefix_cache_hits_total{model_name=\"m\",tier=\"host\"} 300.0",
                    "prefix_cache_hits_total{model_name=\"m\",tier=\"disk\"} 50.0",
                    "kv_cache_bytes{model_name=\"m\",tier=\"host\"} 2000.0",
                    "kv_cache_state_slots{model_name=\"m\",state=\"evictable\",tier=\"host\"} 4.0",
                    "kv_cache_hits_total{model_name=\"m\",tier=\"host\"} 1.0",
                    "kv_cache_misses_total{model_name=\"m\",tier=\"host\"} 2.0",
                    "kv_cache_promotions_total{model_name=\"m\",tier=\"host\"} 3.0",
                    "kv_cache_demotions_total{model_name=\"m\",tier=\"host\"} 4.0",
                    "kv_cache_evictions_total{model_name=\"m\",tier=\"host\"} 5.0")) {
                assertThat(text).contains("\nkvasir_" + line);
            }
            assertThat(text).doesNotContain("kvasir_kv_cache_failures");
        }
    }

    @Test
    void aFailureIsCountedFromItsFirstTimeOn() throws Exception {
        try (Metrics metrics = new Metrics()) {
            ServingMetrics serving = new ServingMetrics(metrics.registry(), "m", stats::get);
            stats.set(stats(Map.of("torn", 2L)));
            serving.refresh();
            assertThat(metrics.scrape()).contains(failures("torn", "2.0"));
            stats.set(stats(Map.of("torn", 3L, "disk_full", 1L)));
            serving.refresh();
            assertThat(metrics.scrape()).contains(failures("torn", "3.0")).contains(failures("disk_full", "1.0"));
        }
    }

    private static String failures(String reason, String count) {
        return "\nkvasir_kv_cache_failures_total{model_name=\"m\",reason=\"" + reason + "\",tier=\"disk\"} " + count;
    }

    private static SchedulerStats stats(Map<String, Long> failuresOfTheDisk) {
        return new SchedulerStats(
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                1000,
                600,
                300,
                50,
                0,
                0,
                0,
                List.of(
                        tier(Tier.DEVICE, 1000, Map.of()),
                        tier(Tier.HOST, 2000, Map.of()),
                        tier(Tier.DISK, 3000, failuresOfTheDisk)));
    }

    private static TierReport tier(Tier tier, long bytes, Map<String, Long> failures) {
        PoolUsage usage = new PoolUsage(10, 3, 2, 0, 5, 1, 0, 0, 0);
        return new TierReport(tier, bytes, usage, new TierCounters(1, 64, 2, 3, 4, 5, failures));
    }
}
