package dev.kvasir.engine.dashboard;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.metrics.Latencies;
import dev.kvasir.pool.PoolUsage;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.TierReport;
import dev.kvasir.scheduler.SchedulerStats;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** Makes numbers for people of counts: rates of the last seconds, shares of the last minute. For one thread, which calls {@link #tick} once a second. */
final class Overview {
    private static final int RATE_SECONDS = 5;
    private static final int SHARE_SECONDS = 60;
    private static final double MILLION = 1e6;

    private record Sample(long nanos, SchedulerStats stats) {}

    private final Deque<Sample> samples = new ArrayDeque<>(); // the latest first
    private final Map<Series, Double> values = new EnumMap<>(Series.class);
    private ObjectNode tiers = JsonNodeFactory.instance.objectNode();

    /** Takes in a second. */
    void tick(long nowNanos, SchedulerStats stats, Latencies latencies) {
        samples.addFirst(new Sample(nowNanos, stats));
        while (samples.size() > SHARE_SECONDS + 1) {
            samples.removeLast();
        }
        values.put(Series.RUNNING, (double) stats.running());
        values.put(Series.WAITING, (double) stats.waiting());
        Sample before = ago(RATE_SECONDS);
        double seconds = (nowNanos - before.nanos()) / 1e9;
        values.put(Series.TOKENS_IN, rate(stats.promptTokens() - before.stats().promptTokens(), seconds));
        values.put(
                Series.TOKENS_OUT, rate(stats.generatedTokens() - before.stats().generatedTokens(), seconds));
        times(latencies, Latencies.Kind.FIRST_TOKEN, Series.TTFT_P50, Series.TTFT_P99);
        times(latencies, Latencies.Kind.INTER_TOKEN, Series.ITL_P50, Series.ITL_P99);
        times(latencies, Latencies.Kind.END_TO_END, Series.E2E_P50, Series.E2E_P99);
        shares(stats, ago(SHARE_SECONDS).stats());
        PoolUsage device = stats.pool();
        values.put(Series.IN_USE, device.inUse());
        values.put(Series.FILLED, device.slots() == 0 ? 0 : 1 - (double) device.free() / device.slots());
        tiers = tiers(stats, before.stats(), seconds);
    }

    /** Returns a value of this second, NaN if there is none. */
    double value(Series series) {
        return values.getOrDefault(series, Double.NaN);
    }

    /** Returns this second's values by {@link Series#key}. Shares are 0 to 1, times milliseconds, rates a second. */
    ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        for (Series series : Series.values()) {
            Numbers.put(json, series.key, value(series));
        }
        return json;
    }

    /** Returns every tier: slots by state, and what happens there a second. */
    ObjectNode tiers() {
        return tiers;
    }

    private void times(Latencies latencies, Latencies.Kind kind, Series median, Series tail) {
        values.put(median, millis(latencies, kind, 50));
        values.put(tail, millis(latencies, kind, 99));
    }

    private static double millis(Latencies latencies, Latencies.Kind kind, double percentile) {
        var nanos = latencies.percentileNanos(kind, percentile);
        return nanos.isPresent() ? nanos.getAsLong() / MILLION : Double.NaN;
    }

    private void shares(SchedulerStats now, SchedulerStats before) {
        double asked = now.queriedTokens() - before.queriedTokens();
        share(Series.HIT_DEVICE, now.deviceHitTokens() - before.deviceHitTokens(), asked);
        share(Series.HIT_HOST, now.hostHitTokens() - before.hostHitTokens(), asked);
        share(Series.HIT_DISK, now.diskHitTokens() - before.diskHitTokens(), asked);
        share(Series.HIT_REMOTE, now.remoteHitTokens() - before.remoteHitTokens(), asked);
    }

    private void share(Series series, long found, double asked) {
        values.put(series, asked == 0 ? Double.NaN : found / asked);
    }

    private static ObjectNode tiers(SchedulerStats now, SchedulerStats before, double seconds) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        for (TierReport report : now.tiers()) {
            PoolUsage usage = report.usage();
            ObjectNode tier = json.putObject(name(report.tier()))
                    .put("bytes", report.bytes())
                    .put("slots", usage.slots())
                    .put("free", usage.free())
                    .put("writing", usage.writing())
                    .put("pinned", usage.pinned())
                    .put("evictable", usage.evictable())
                    .put("duplicates", usage.duplicates());
            var counters = report.counters();
            var old = before.tier(report.tier()).counters();
            Numbers.put(tier, "evictions", rate(counters.evictions() - old.evictions(), seconds));
            Numbers.put(tier, "promotions", rate(counters.promotions() - old.promotions(), seconds));
            Numbers.put(tier, "demotions", rate(counters.demotions() - old.demotions(), seconds));
            Numbers.put(
                    tier,
                    "inserted",
                    rate(usage.inserted() - before.tier(report.tier()).usage().inserted(), seconds));
            ObjectNode failures = tier.putObject("failures");
            counters.failures().forEach(failures::put);
        }
        return json;
    }

    private static double rate(long count, double seconds) {
        return seconds <= 0 ? 0 : count / seconds;
    }

    private Sample ago(int seconds) {
        Sample found = samples.getFirst();
        int i = 0;
        for (Sample sample : samples) {
            found = sample;
            if (i++ == seconds) {
                break;
            }
        }
        return found;
    }

    static String name(Tier tier) {
        return tier.name().toLowerCase(Locale.ROOT);
    }
}
