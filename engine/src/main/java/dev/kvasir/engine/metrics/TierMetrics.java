package dev.kvasir.engine.metrics;

import dev.kvasir.pool.PoolUsage;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.TierCounters;
import dev.kvasir.pool.TierReport;
import dev.kvasir.scheduler.SchedulerStats;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** The numbers of one tier of the pool. Thread-safe. */
final class TierMetrics {
    private final MeterRegistry registry;
    private final Tier tier;
    private final Tags tags;
    private final Supplier<SchedulerStats> stats;
    private final Set<String> reasons = ConcurrentHashMap.newKeySet(); // of failures, those that have a counter

    /**
     * Registers everything.
     *
     * @param model what every number of the model is tagged with
     * @param stats the scheduler's counts, read when somebody scrapes; they have the tier
     */
    TierMetrics(MeterRegistry registry, Tags model, Tier tier, Supplier<SchedulerStats> stats) {
        this.registry = registry;
        this.tier = tier;
        this.tags = model.and("tier", tier.name().toLowerCase(Locale.ROOT));
        this.stats = stats;
        bindSlots();
        bindTokens();
        bindSegments();
    }

    private void bindSlots() {
        gauge("kvasir.kv.cache.bytes", "memory of the slots, used or not", tags, TierReport::bytes);
        slots(
                "kvasir.kv.cache.usage.perc",
                "share of slots that running requests hold, 0 to 1",
                tags,
                PoolUsage::inUse);
        slots("kvasir.kv.cache.slots", "slots of the pool", tags, PoolUsage::slots);
        slots("kvasir.kv.cache.sealed.slots", "slots that hold a reusable segment", tags, PoolUsage::sealed);
        state("free", PoolUsage::free);
        state("writing", PoolUsage::writing);
        state("pinned", PoolUsage::pinned);
        state("evictable", PoolUsage::evictable);
    }

    private void state(String name, ToDoubleFunction<PoolUsage> value) {
        slots("kvasir.kv.cache.state.slots", "slots by state", tags.and("state", name), value);
    }

    private void bindTokens() {
        counter(
                "kvasir.prefix.cache.queries",
                "prompt tokens of admitted requests looked up here: those that no faster tier had",
                tags,
                s -> s.queriedTokens(tier));
        counter(
                "kvasir.prefix.cache.hits",
                "prompt tokens of admitted requests found here and reused",
                tags,
                s -> s.hitTokens(tier));
    }

    private void bindSegments() {
        segments("kvasir.kv.cache.hits", "segments looked up and found", TierCounters::hits);
        segments("kvasir.kv.cache.misses", "segments looked up and not found", TierCounters::misses);
        segments("kvasir.kv.cache.evictions", "segments evicted", TierCounters::evictions);
        segments("kvasir.kv.cache.promotions", "segments copied to a faster tier", TierCounters::promotions);
        segments("kvasir.kv.cache.demotions", "segments taken in from a faster tier", TierCounters::demotions);
    }

    /** Registers a counter for each reason of failure that came up since the last call; there is none before it came up. */
    void discoverFailures() {
        for (String reason : stats.get().tier(tier).counters().failures().keySet()) {
            if (reasons.add(reason)) {
                counter(
                        "kvasir.kv.cache.failures",
                        "what failed, by reason",
                        tags.and("reason", reason),
                        s -> s.tier(tier).counters().failures().getOrDefault(reason, 0L));
            }
        }
    }

    private void slots(String name, String what, Tags all, ToDoubleFunction<PoolUsage> value) {
        gauge(name, what, all, report -> value.applyAsDouble(report.usage()));
    }

    private void gauge(String name, String what, Tags all, ToDoubleFunction<TierReport> value) {
        Gauge.builder(name, () -> value.applyAsDouble(stats.get().tier(tier)))
                .description(what)
                .tags(all)
                .register(registry);
    }

    private void segments(String name, String what, ToDoubleFunction<TierCounters> value) {
        counter(name, what, tags, s -> value.applyAsDouble(s.tier(tier).counters()));
    }

    private void counter(String name, String what, Tags all, ToDoubleFunction<SchedulerStats> value) {
        FunctionCounter.builder(name, stats, s -> value.applyAsDouble(s.get()))
                .description(what)
                .tags(all)
                .register(registry);
    }
}
