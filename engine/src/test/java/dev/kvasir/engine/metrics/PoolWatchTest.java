package dev.kvasir.engine.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.kvasir.pool.Tier;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class PoolWatchTest {
    @Test
    void timesAreHistogramsByTier() throws Exception {
        try (Metrics metrics = new Metrics()) {
            PoolWatch watch = new PoolWatch(metrics.registry(), "m");
            assertThat(metrics.scrape()).doesNotContain("kvasir_kv_segment");
            watch.onReuse(Tier.DEVICE, TimeUnit.SECONDS.toNanos(3));
            watch.onReuse(Tier.DEVICE, TimeUnit.SECONDS.toNanos(40));
            watch.onGone(Tier.DISK, TimeUnit.HOURS.toNanos(3));
            assertThat(metrics.scrape())
                    .contains(
                            "\nkvasir_kv_segment_reuse_gap_seconds_bucket{model_name=\"m\",tier=\"device\",le=\"5.0\"} 1")
                    .contains("\nkvasir_kv_segment_reuse_gap_seconds_count{model_name=\"m\",tier=\"device\"} 2")
                    .contains("\nkvasir_kv_segment_reuse_gap_seconds_sum{model_name=\"m\",tier=\"device\"} 43.0")
                    .contains("\nkvasir_kv_segment_lifetime_seconds_sum{model_name=\"m\",tier=\"disk\"} 10800.0");
        }
    }

    @Test
    void aFailureIsLoggedAndManyAreLoggedNowAndThen() throws Exception {
        Logger logger = (Logger) LoggerFactory.getLogger(PoolWatch.class);
        ListAppender<ILoggingEvent> seen = new ListAppender<>();
        seen.start();
        logger.addAppender(seen);
        try (Metrics metrics = new Metrics()) {
            PoolWatch watch = new PoolWatch(metrics.registry(), "m");
            for (int i = 1; i <= 9; i++) {
                watch.onFailure(Tier.DISK, "bad", "slot " + i + " holds a damaged segment");
            }
            watch.onFailure(Tier.DISK, "read", "it's gone");
        } finally {
            logger.detachAppender(seen);
        }
        List<String> messages =
                seen.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
        assertThat(messages).hasSize(5); // the first, second, fourth and eighth, and the first of the other kind
        assertThat(messages.get(0)).contains("slot 1 holds a damaged segment");
        assertThat(messages.get(4)).contains("it's gone");
        assertThat(seen.list.get(3).getKeyValuePairs().toString()).contains("reason=\"bad\"", "count=\"8\"");
    }
}
