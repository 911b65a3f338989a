package dev.kvasir.scheduler.batching;

import dev.kvasir.pool.PoolUsage;
import dev.kvasir.scheduler.SchedulerStats;

/** The running totals behind {@link SchedulerStats}. The step thread counts; readers get snapshots. */
final class Counters {
    long steps;
    long computedTokens;
    long promptTokens;
    long generatedTokens;
    long preemptions;
    long queriedTokens;
    long hitTokens;
    long runnerNanos;
    long stepNanos;

    SchedulerStats snapshot(int running, int waiting, PoolUsage usage) {
        return new SchedulerStats(
                running,
                waiting,
                steps,
                computedTokens,
                promptTokens,
                generatedTokens,
                preemptions,
                queriedTokens,
                hitTokens,
                runnerNanos,
                stepNanos,
                usage);
    }
}
