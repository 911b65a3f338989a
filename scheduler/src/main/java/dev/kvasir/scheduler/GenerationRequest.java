package dev.kvasir.scheduler;

import dev.kvasir.pool.SegmentId;
import dev.kvasir.runner.SamplingParams;

/**
 * What a client asks of the scheduler, in token ids.
 *
 * @param id unique among the live requests
 * @param cacheRoot where the identity chain of its segments starts: model and tenant
 * @param prompt token ids, at least one; handed over
 * @param sampling how tokens are chosen; its {@code banned} is set by the scheduler until {@code minTokens} are out
 * @param maxTokens most tokens to generate, at least 1
 * @param minTokens end tokens can't be chosen before so many tokens are out
 * @param endTokens tokens that end the generation; empty with {@code ignore_eos}; handed over
 * @param promptLogprobs top log-probabilities wanted for the prompt's tokens, -1 for none; a prompt whose log-probabilities are
 *     wanted is computed whole, since cached segments have none
 * @param arrivalNanos when the front end received it, on the scheduler's clock
 */
public record GenerationRequest(
        String id,
        SegmentId cacheRoot,
        int[] prompt,
        SamplingParams sampling,
        int maxTokens,
        int minTokens,
        int[] endTokens,
        int promptLogprobs,
        long arrivalNanos) {
    public GenerationRequest {
        if (prompt.length == 0) {
            throw new IllegalArgumentException("request " + id + " has an empty prompt");
        }
        if (maxTokens < 1 || minTokens < 0 || minTokens > maxTokens) {
            throw new IllegalArgumentException(
                    "request " + id + " wants from " + minTokens + " to " + maxTokens + " tokens");
        }
    }
}
