package dev.kvasir.scheduler;

import dev.kvasir.pool.PoolUsage;

/**
 * Counts since the start, and what is so now.
 *
 * @param running sequences that run
 * @param waiting requests that wait, preempted ones included
 * @param steps steps that computed something
 * @param promptTokens prompt tokens of the admitted requests
 * @param generatedTokens tokens delivered
 * @param preemptions sequences that lost their slots
 * @param queriedTokens prompt tokens looked up in the prefix tree
 * @param hitTokens of these, found
 * @param runnerNanos time inside the model runner
 * @param stepNanos time of all steps, the runner's included
 * @param pool the pool's device tier
 */
public record SchedulerStats(
        int running,
        int waiting,
        long steps,
        long promptTokens,
        long generatedTokens,
        long preemptions,
        long queriedTokens,
        long hitTokens,
        long runnerNanos,
        long stepNanos,
        PoolUsage pool) {}
