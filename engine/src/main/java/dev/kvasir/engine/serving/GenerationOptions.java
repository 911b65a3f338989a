package dev.kvasir.engine.serving;

import dev.kvasir.runner.SamplingParams;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How to generate, checked.
 *
 * @param choices how many choices of each prompt
 * @param sampling how tokens are chosen; choice {@code i} adds {@code i} to the seed
 * @param maxTokens most tokens of a choice; null for what is left of the context
 * @param minTokens no end token and no stop string counts before so many tokens are out
 * @param ignoreEnd whether the model's own end tokens are ordinary ones
 * @param stopTokens further end tokens
 * @param stops stop strings
 * @param promptLogprobs top log-probabilities of the prompt's tokens, -1 for none
 */
public record GenerationOptions(
        int choices,
        SamplingParams sampling,
        @Nullable Integer maxTokens,
        int minTokens,
        boolean ignoreEnd,
        List<Integer> stopTokens,
        List<String> stops,
        int promptLogprobs) {
    public GenerationOptions {
        stopTokens = List.copyOf(stopTokens);
        stops = List.copyOf(stops);
        if (choices < 1) {
            throw new IllegalArgumentException(choices + " choices");
        }
    }
}
