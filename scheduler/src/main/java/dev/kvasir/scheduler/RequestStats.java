package dev.kvasir.scheduler;

import dev.kvasir.pool.CachedTokens;

/**
 * A request's numbers at its end. Times are on the scheduler's clock; 0 where the moment never came.
 *
 * @param promptTokens tokens of the prompt
 * @param cachedTokens of these, reused and not computed when the prompt was first computed
 * @param generatedTokens tokens delivered, those before it was resumed included
 * @param preemptions how often it lost its slots
 * @param arrivalNanos when the front end received it
 * @param scheduledNanos when it was first admitted
 * @param firstTokenNanos when its first token was delivered; of a resumed one, the first since then
 * @param finishedNanos when it ended
 */
public record RequestStats(
        int promptTokens,
        CachedTokens cachedTokens,
        int generatedTokens,
        int preemptions,
        long arrivalNanos,
        long scheduledNanos,
        long firstTokenNanos,
        long finishedNanos) {}
