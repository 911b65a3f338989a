package dev.kvasir.scheduler;

import dev.kvasir.pool.SegmentId;
import dev.kvasir.runner.Guide;
import dev.kvasir.runner.Pooling;
import dev.kvasir.runner.SamplingParams;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a client asks of the scheduler, in token ids. A request that another scheduler had begun is resumed by {@link #resumedAfter}: its next token is
 * the one that would have come there, since sampling depends on seed and position alone.
 *
 * <pre>
 * tokens of a resumed request
 *   [0, length - generated)       the client's prompt
 *   [length - generated, length)  generated and delivered before
 * </pre>
 *
 * @param id unique among the live requests
 * @param cacheRoot where the identity chain of its segments starts: model and tenant
 * @param prompt token ids, at least one, and behind them what was generated before; handed over
 * @param sampling how tokens are chosen; its {@code banned} is set by the scheduler until {@code minTokens} are out
 * @param maxTokens most tokens to generate, at least 1; those generated before count
 * @param minTokens end tokens can't be chosen before so many tokens are out
 * @param endTokens tokens that end the generation; empty with {@code ignore_eos}; handed over
 * @param promptLogprobs top log-probabilities wanted for the prompt's tokens, -1 for none; a prompt whose log-probabilities are
 *     wanted is computed whole, since cached segments have none
 * @param arrivalNanos when the front end received it, on the scheduler's clock
 * @param generated how many of the last tokens of {@code prompt} were generated and delivered before, less than {@code maxTokens}; 0 for a request that begins
 * @param guide which tokens may follow which; null for any. Where it is over the generation ends, end token or not
 * @param pooling how the prompt becomes an embedding; nothing is generated then, and with {@link Pooling#MEAN} a prompt is computed whole. Null for
 *     requests that generate
 * @param priority who is served first: lower before higher, and the earlier one of two equals; 0 for one that doesn't say, and within
 *     {@link #MOST_PRIORITY} of that
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
        long arrivalNanos,
        int generated,
        @Nullable Guide guide,
        @Nullable Pooling pooling,
        int priority) {
    /** The highest priority; the lowest is as far below 0. */
    public static final int MOST_PRIORITY = 1000;

    public GenerationRequest {
        if (Math.abs((long) priority) > MOST_PRIORITY) {
            throw new IllegalArgumentException("request " + id + " has priority " + priority);
        }
        if (generated < 0 || prompt.length <= generated) {
            throw new IllegalArgumentException("request " + id + " has an empty prompt");
        }
        if (generated > 0 && (generated >= maxTokens || promptLogprobs >= 0)) {
            throw new IllegalArgumentException(
                    "request " + id + " has " + generated + " of " + maxTokens + " tokens and can't be resumed"
                            + (promptLogprobs < 0 ? "" : " with its prompt's log-probabilities"));
        }
        if (pooling != null && (generated > 0 || promptLogprobs >= 0 || guide != null)) {
            throw new IllegalArgumentException("request " + id + " wants an embedding and tokens");
        }
        if (maxTokens < 1 || minTokens < 0 || minTokens > maxTokens) {
            throw new IllegalArgumentException(
                    "request " + id + " wants from " + minTokens + " to " + maxTokens + " tokens");
        }
    }

    /** Creates one that begins. */
    public GenerationRequest(
            String id,
            SegmentId cacheRoot,
            int[] prompt,
            SamplingParams sampling,
            int maxTokens,
            int minTokens,
            int[] endTokens,
            int promptLogprobs,
            long arrivalNanos) {
        this(
                id,
                cacheRoot,
                prompt,
                sampling,
                maxTokens,
                minTokens,
                endTokens,
                promptLogprobs,
                arrivalNanos,
                0,
                null,
                null,
                0);
    }

    /** Creates one that asks for an embedding. */
    public static GenerationRequest embedding(
            String id, SegmentId cacheRoot, int[] prompt, Pooling pooling, long arrivalNanos) {
        return new GenerationRequest(
                id, cacheRoot, prompt, SamplingParams.GREEDY, 1, 0, new int[0], -1, arrivalNanos, 0, null, pooling, 0);
    }

    /** Returns how many tokens are generated at least, for which there must be room: none for an embedding. */
    public int leastGenerated() {
        return pooling == null ? 1 : 0;
    }

    /** Returns how many tokens the client's prompt has. */
    public int promptTokens() {
        return prompt.length - generated;
    }

    /**
     * Returns what goes on where this one was left.
     *
     * @param tokens what was delivered of this one, at least one and less than {@code maxTokens - generated}
     */
    public GenerationRequest resumedAfter(int[] tokens) {
        int[] all = Arrays.copyOf(prompt, prompt.length + tokens.length);
        System.arraycopy(tokens, 0, all, prompt.length, tokens.length);
        return new GenerationRequest(
                id,
                cacheRoot,
                all,
                sampling,
                maxTokens,
                minTokens,
                endTokens,
                -1,
                arrivalNanos,
                generated + tokens.length,
                guide,
                pooling,
                priority);
    }

    /** Returns the same with its tokens guided. */
    public GenerationRequest withGuide(@Nullable Guide newGuide) {
        return new GenerationRequest(
                id,
                cacheRoot,
                prompt,
                sampling,
                maxTokens,
                minTokens,
                endTokens,
                promptLogprobs,
                arrivalNanos,
                generated,
                newGuide,
                pooling,
                priority);
    }

    /** Returns the same with another priority. */
    public GenerationRequest withPriority(int newPriority) {
        return new GenerationRequest(
                id,
                cacheRoot,
                prompt,
                sampling,
                maxTokens,
                minTokens,
                endTokens,
                promptLogprobs,
                arrivalNanos,
                generated,
                guide,
                pooling,
                newPriority);
    }

    /** Returns the same under another id, received at another time. */
    public GenerationRequest as(String newId, long newArrivalNanos) {
        return new GenerationRequest(
                newId,
                cacheRoot,
                prompt,
                sampling,
                maxTokens,
                minTokens,
                endTokens,
                promptLogprobs,
                newArrivalNanos,
                generated,
                guide,
                pooling,
                priority);
    }
}
