package dev.kvasir.scheduler;

/**
 * The scheduler's limits.
 *
 * @param maxStepTokens tokens that one step computes at most, over all rows
 * @param maxSequences sequences that run at once
 * @param maxQueued requests that may wait, at least 1, since every request waits for the next step; more are refused
 * @param prefillChunk tokens of one prompt that one step computes at most
 * @param contextTokens longest sequence of the model
 * @param prefetch how long a request waits for lower tiers
 */
public record SchedulerConfig(
        int maxStepTokens,
        int maxSequences,
        int maxQueued,
        int prefillChunk,
        int contextTokens,
        PrefetchConfig prefetch) {
    /** The limits of one whose pool has no lower tiers, or that doesn't wait for them. */
    public SchedulerConfig(int maxStepTokens, int maxSequences, int maxQueued, int prefillChunk, int contextTokens) {
        this(
                maxStepTokens,
                maxSequences,
                maxQueued,
                prefillChunk,
                contextTokens,
                new PrefetchConfig(PrefetchConfig.Patience.BEST_EFFORT, 0));
    }

    public SchedulerConfig {
        if (maxStepTokens < 1 || maxSequences < 1 || maxQueued < 1 || prefillChunk < 1 || contextTokens < 2) {
            throw new IllegalArgumentException("no such limits: " + maxStepTokens + " tokens and " + maxSequences
                    + " sequences a step, " + maxQueued + " queued, chunks of " + prefillChunk + ", context "
                    + contextTokens);
        }
        if (maxStepTokens < maxSequences) {
            throw new IllegalArgumentException("scheduler.maxStepTokens " + maxStepTokens
                    + " can't give each of scheduler.maxSequences " + maxSequences + " a token");
        }
    }
}
