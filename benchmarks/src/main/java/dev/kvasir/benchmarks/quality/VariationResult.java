package dev.kvasir.benchmarks.quality;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * What a variation changed in all prompts.
 *
 * @param name the variation's
 * @param prompts one for each
 */
record VariationResult(String name, List<PromptResult> prompts) {
    /** Returns the share of prompts whose continuations are the same to the end. */
    double sameContinuations() {
        return share(prompts.stream().filter(PromptResult::isSame).count(), prompts.size());
    }

    /** Returns the share of tokens that are the same at the same place. */
    double equalTokens() {
        return share(
                prompts.stream().mapToInt(PromptResult::equalTokens).sum(),
                prompts.stream().mapToInt(PromptResult::newTokens).sum());
    }

    /** Returns a quantile of the index of the first different token, among the continuations that have one; NaN if none has. */
    double firstDifference(double quantile) {
        return quantile(
                prompts.stream()
                        .filter(p -> !p.isSame())
                        .mapToDouble(PromptResult::firstDifference)
                        .toArray(),
                quantile);
    }

    /** Returns a quantile of the exact choice's lead at the first different token, in nats; NaN if there is none. */
    double margin(double quantile) {
        return quantile(
                prompts.stream()
                        .filter(p -> !p.isSame())
                        .mapToDouble(PromptResult::margin)
                        .toArray(),
                quantile);
    }

    double mean(ToDoubleFunction<Distance> of) {
        return distances().mapToDouble(of).average().orElse(Double.NaN);
    }

    double max(ToDoubleFunction<Distance> of) {
        return distances().mapToDouble(of).max().orElse(Double.NaN);
    }

    /** Returns the share of positions whose most likely token is the same. */
    double sameBest() {
        return share(distances().filter(Distance::sameBest).count(), positions());
    }

    /** Returns how many distributions were compared. */
    long positions() {
        return distances().count();
    }

    private Stream<Distance> distances() {
        return prompts.stream().flatMap(prompt -> prompt.distances().stream());
    }

    private static double share(long part, long whole) {
        return (double) part / whole;
    }

    private static double quantile(double[] values, double quantile) {
        Arrays.sort(values);
        return values.length == 0 ? Double.NaN : values[(int) (quantile * (values.length - 1))];
    }
}
