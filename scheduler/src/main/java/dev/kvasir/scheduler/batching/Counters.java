package dev.kvasir.scheduler.batching;

import dev.kvasir.pool.CachedTokens;
import dev.kvasir.pool.TierReport;
import dev.kvasir.scheduler.SchedulerStats;
import java.util.List;

/** The running totals behind {@link SchedulerStats}. The step thread counts; readers get snapshots. */
final class Counters {
    long steps;
    long computedTokens;
    long promptTokens;
    long generatedTokens;
    long preemptions;
    long lostSteps;
    long runnerNanos;
    long stepNanos;
    private long queriedTokens;
    private long deviceHitTokens;
    private long hostHitTokens;
    private long diskHitTokens;
    private long remoteHitTokens;

    /** A prompt of {@code tokens} was looked up and {@code found} of them reused. */
    void lookedUp(int tokens, CachedTokens found) {
        queriedTokens += tokens;
        deviceHitTokens += found.device();
        hostHitTokens += found.host();
        diskHitTokens += found.disk();
        remoteHitTokens += found.remote();
    }

    SchedulerStats snapshot(int running, int waiting, List<TierReport> tiers) {
        return new SchedulerStats(
                running,
                waiting,
                steps,
                computedTokens,
                promptTokens,
                generatedTokens,
                preemptions,
                lostSteps,
                queriedTokens,
                deviceHitTokens,
                hostHitTokens,
                diskHitTokens,
                remoteHitTokens,
                runnerNanos,
                stepNanos,
                tiers);
    }
}
