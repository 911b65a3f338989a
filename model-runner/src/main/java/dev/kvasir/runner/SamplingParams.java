package dev.kvasir.runner;

import java.util.Map;

/**
 * How the next token is chosen. Order, as in Hugging Face and vLLM: logit bias, penalties, temperature, top-k, top-p, min-p, one
 * draw. The draw is a hash of seed and position, so a token never depends on neighbours, preemption or where a segment lay.
 *
 * @param temperature 0 takes the most likely token; at most 2
 * @param topK keep the k most likely tokens; 0 keeps all
 * @param topP keep the fewest most likely tokens whose probabilities reach this sum, in (0, 1]
 * @param minP keep tokens at least this fraction as likely as the most likely one, in [0, 1]
 * @param repetitionPenalty divides positive and multiplies negative logits of tokens in prompt or output; 1 is off
 * @param presencePenalty subtracted once from the logits of tokens in the output, in [-2, 2]
 * @param frequencyPenalty subtracted from the logits of tokens in the output for each occurrence, in [-2, 2]
 * @param logitBias token id to addend
 * @param seed seed of the draws
 * @param logprobs how many top log-probabilities to return, 0 for the sampled token's own alone; -1 for none. They are those
 *     of the model, before bias, penalties and temperature
 * @param banned tokens that can't be chosen (end tokens before {@code min_tokens}); lent, not copied
 */
public record SamplingParams(
        float temperature,
        int topK,
        float topP,
        float minP,
        float repetitionPenalty,
        float presencePenalty,
        float frequencyPenalty,
        Map<Integer, Float> logitBias,
        long seed,
        int logprobs,
        int[] banned) {
    private static final int[] NONE = {};

    /** Takes the most likely token, no logprobs. */
    public static final SamplingParams GREEDY = new SamplingParams(0, 0, 1, 0, 1, 0, 0, Map.of(), 0, -1, NONE);

    public SamplingParams {
        check("temperature", temperature, 0, 2);
        check("top_p", topP, Float.MIN_VALUE, 1);
        check("min_p", minP, 0, 1);
        check("repetition_penalty", repetitionPenalty, 0.01f, 100);
        check("presence_penalty", presencePenalty, -2, 2);
        check("frequency_penalty", frequencyPenalty, -2, 2);
        if (topK < 0) {
            throw new IllegalArgumentException("top_k must be 0 or more, not " + topK);
        }
        logitBias = Map.copyOf(logitBias);
    }

    /** Returns the same with a temperature and a seed. */
    public SamplingParams withTemperature(float value, long newSeed) {
        return new SamplingParams(
                value,
                topK,
                topP,
                minP,
                repetitionPenalty,
                presencePenalty,
                frequencyPenalty,
                logitBias,
                newSeed,
                logprobs,
                banned);
    }

    /** Returns the same with other tokens banned. */
    public SamplingParams withBanned(int[] tokens) {
        return new SamplingParams(
                temperature,
                topK,
                topP,
                minP,
                repetitionPenalty,
                presencePenalty,
                frequencyPenalty,
                logitBias,
                seed,
                logprobs,
                tokens);
    }

    /** Returns the same with so many top log-probabilities. */
    public SamplingParams withLogprobs(int count) {
        return new SamplingParams(
                temperature,
                topK,
                topP,
                minP,
                repetitionPenalty,
                presencePenalty,
                frequencyPenalty,
                logitBias,
                seed,
                count,
                banned);
    }

    /** Returns whether the most likely token is taken. */
    public boolean isGreedy() {
        return temperature == 0;
    }

    /** Returns whether the logits are changed before the choice. */
    public boolean changesLogits() {
        return repetitionPenalty != 1
                || presencePenalty != 0
                || frequencyPenalty != 0
                || !logitBias.isEmpty()
                || banned.length > 0;
    }

    private static void check(String name, float value, float min, float max) {
        if (!(value >= min && value <= max)) {
            throw new IllegalArgumentException(name + " must be from " + min + " to " + max + ", not " + value);
        }
    }
}
