package dev.kvasir.engine.serving;

import dev.kvasir.runner.Guide;
import dev.kvasir.runner.SamplingParams;
import java.util.List;
import java.util.Set;
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
 * @param guide what the answer must look like; null for anything
 * @param shown special tokens that are text in the answer, such as those that begin a call
 * @param urgency who comes first, and until when
 */
public record GenerationOptions(
        int choices,
        SamplingParams sampling,
        @Nullable Integer maxTokens,
        int minTokens,
        boolean ignoreEnd,
        List<Integer> stopTokens,
        List<String> stops,
        int promptLogprobs,
        @Nullable Guide guide,
        Set<Integer> shown,
        Urgency urgency) {
    public GenerationOptions {
        stopTokens = List.copyOf(stopTokens);
        stops = List.copyOf(stops);
        shown = Set.copyOf(shown);
        if (choices < 1) {
            throw new IllegalArgumentException(choices + " choices");
        }
    }

    /** Returns the same with special tokens that are text. */
    public GenerationOptions withShown(Set<Integer> tokens) {
        return new GenerationOptions(
                choices,
                sampling,
                maxTokens,
                minTokens,
                ignoreEnd,
                stopTokens,
                stops,
                promptLogprobs,
                guide,
                tokens,
                urgency);
    }

    /** Returns the same that comes before or after others. */
    public GenerationOptions withUrgency(Urgency newUrgency) {
        return new GenerationOptions(
                choices,
                sampling,
                maxTokens,
                minTokens,
                ignoreEnd,
                stopTokens,
                stops,
                promptLogprobs,
                guide,
                shown,
                newUrgency);
    }

    /** Returns the same with at most so many tokens. */
    public GenerationOptions withMaxTokens(int tokens) {
        return new GenerationOptions(
                choices,
                sampling,
                tokens,
                minTokens,
                ignoreEnd,
                stopTokens,
                stops,
                promptLogprobs,
                guide,
                shown,
                urgency);
    }

    /** Returns the same with a guide. */
    public GenerationOptions withGuide(@Nullable Guide newGuide) {
        return new GenerationOptions(
                choices,
                sampling,
                maxTokens,
                minTokens,
                ignoreEnd,
                stopTokens,
                stops,
                promptLogprobs,
                newGuide,
                shown,
                urgency);
    }

    /** Returns the same with other log-probabilities. */
    public GenerationOptions withLogprobs(int ofGenerated, int ofPrompt) {
        return new GenerationOptions(
                choices,
                sampling.withLogprobs(ofGenerated),
                maxTokens,
                minTokens,
                ignoreEnd,
                stopTokens,
                stops,
                ofPrompt,
                guide,
                shown,
                urgency);
    }
}
