package dev.kvasir.engine.metrics;

import dev.kvasir.pool.PoolEvents;
import dev.kvasir.pool.Tier;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Segments' lifetimes and the gaps between their uses as histograms, and their failures in the log. For the pool's thread alone. */
public final class PoolWatch implements PoolEvents {
    private static final Logger log = LoggerFactory.getLogger(PoolWatch.class);

    private record Failure(Tier tier, String reason) {}

    private final MeterRegistry registry;
    private final Tags model;
    private final Map<Tier, Timer> lifetimes = new EnumMap<>(Tier.class);
    private final Map<Tier, Timer> gaps = new EnumMap<>(Tier.class);
    private final Map<Failure, Long> failures = new HashMap<>();

    /** Creates a watch that has seen nothing; a tier's histograms appear with its first segment that is reused, or gone. */
    public PoolWatch(MeterRegistry registry, String modelName) {
        this.registry = registry;
        this.model = Tags.of("model_name", modelName);
    }

    @Override
    public void onReuse(Tier tier, long gapNanos) {
        gaps.computeIfAbsent(
                        tier,
                        t -> timer("kvasir.kv.segment.reuse.gap", "time between two look-ups that found a segment", t))
                .record(gapNanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void onGone(Tier tier, long lifetimeNanos) {
        lifetimes
                .computeIfAbsent(
                        tier,
                        t -> timer("kvasir.kv.segment.lifetime", "time a segment was in the tier until it left it", t))
                .record(lifetimeNanos, TimeUnit.NANOSECONDS);
    }

    /** Logs the first failure of a kind, the second, the fourth and so on: a broken disk mustn't fill another one. */
    @Override
    public void onFailure(Tier tier, String reason, String what) {
        long count = failures.merge(new Failure(tier, reason), 1L, Long::sum);
        if (Long.bitCount(count) == 1) {
            log.atWarn()
                    .addKeyValue("tier", name(tier))
                    .addKeyValue("reason", reason)
                    .addKeyValue("count", count)
                    .log("a segment is lost and will be computed again: {}", what);
        }
    }

    private Timer timer(String name, String what, Tier tier) {
        return Timer.builder(name)
                .description(what)
                .tags(model.and("tier", name(tier)))
                .serviceLevelObjectives(Buckets.SEGMENT)
                .register(registry);
    }

    private static String name(Tier tier) {
        return tier.name().toLowerCase(Locale.ROOT);
    }
}
