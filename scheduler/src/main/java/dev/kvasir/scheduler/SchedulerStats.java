package dev.kvasir.scheduler;

import dev.kvasir.pool.PoolUsage;

/**
 * Counts since the start, and what is so now.
 *
 * @param running sequences that run
 * @param waiting requests that wait, preempted ones included
 * @param steps steps that computed something
 * @param computedTokens tokens that those steps computed, prompts, generated tokens and recomputed ones; the difference of two
 *     snapshots divided by that of {@code steps} is the tokens of a step
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
        long computedTokens,
        long promptTokens,
        long generatedTokens,
        long preemptions,
        long queriedTokens,
        long hitTokens,
        long runnerNanos,
        long stepNanos,
        PoolUsage pool) {
    /** Returns the same with another count of waiting requests. */
    public SchedulerStats withWaiting(int count) {
        return new SchedulerStats(
                running,
                count,
                steps,
                computedTokens,
                promptTokens,
                generatedTokens,
                preemptions,
                queriedTokens,
                hitTokens,
                runnerNanos,
                stepNanos,
                pool);
    }
}
