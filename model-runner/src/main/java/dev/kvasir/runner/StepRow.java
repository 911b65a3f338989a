package dev.kvasir.runner;

import org.jspecify.annotations.Nullable;

/**
 * One sequence's share of a step. The arrays are lent for the call, not copied and not kept.
 *
 * @param tokens the sequence's token ids, at least {@code to} of them
 * @param from how many tokens have their keys and values in the pool already
 * @param to end of the tokens that this step computes, exclusive
 * @param slots the segment table: slot of each segment, covering at least {@code [0, to)}; a negative number is a segment that another node
 *     has lent, all of it before {@code from}
 * @param sample how to sample the token at position {@code to}; null when the logits aren't needed (a chunk in mid-prompt)
 * @param promptLogprobs how many top log-probabilities to return for the prompt tokens {@code (from, to]} given what stands
 *     before them, 0 for the tokens' own alone; -1 for none. Position {@code to} is left out if it lies past the prompt
 * @param promptTokens how many of the tokens are the prompt; the rest was generated
 * @param guide which tokens may be sampled; null for all. It has taken all generated tokens
 * @param pooling which hidden states are wanted: the last new token's, or the sum over all new tokens, from which whoever has all chunks makes the
 *     mean; null for none
 */
public record StepRow(
        int[] tokens,
        int from,
        int to,
        int[] slots,
        @Nullable SamplingParams sample,
        int promptLogprobs,
        int promptTokens,
        @Nullable GuideState guide,
        @Nullable Pooling pooling) {
    public StepRow {
        if (from < 0 || to <= from || to > tokens.length) {
            throw new IllegalArgumentException(
                    "a row can't compute [" + from + ", " + to + ") of " + tokens.length + " tokens");
        }
        if (promptTokens < 1 || promptTokens > tokens.length) {
            throw new IllegalArgumentException(promptTokens + " prompt tokens of " + tokens.length);
        }
    }

    /** Creates one whose hidden states aren't wanted. */
    public StepRow(
            int[] tokens,
            int from,
            int to,
            int[] slots,
            @Nullable SamplingParams sample,
            int promptLogprobs,
            int promptTokens,
            @Nullable GuideState guide) {
        this(tokens, from, to, slots, sample, promptLogprobs, promptTokens, guide, null);
    }

    /** Creates one whose tokens aren't guided. */
    public StepRow(
            int[] tokens,
            int from,
            int to,
            int[] slots,
            @Nullable SamplingParams sample,
            int promptLogprobs,
            int promptTokens) {
        this(tokens, from, to, slots, sample, promptLogprobs, promptTokens, null);
    }

    /** Returns how many tokens the step computes for this row. */
    public int newTokens() {
        return to - from;
    }
}
