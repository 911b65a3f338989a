package dev.kvasir.benchmarks.serving;

import dev.kvasir.benchmarks.serving.Latencies.Stats;
import java.util.Map;

/**
 * A run in numbers.
 *
 * @param seconds from the start until the last answer has ended
 * @param completed requests that succeeded
 * @param withoutText of these, answers without any text: they have no TTFT
 * @param withoutUsage of these, answers whose server didn't say what they cost: their chunks were counted as tokens
 * @param failures failed requests by kind; {@link RequestResult#CANCELLED} among them
 * @param tokens of the successful requests
 * @param meanConcurrency requests in flight on average, by Little's law
 * @param good successful requests within the goodput targets; -1 where there are none
 * @param ttft time to first token
 * @param tpot time per output token after the first
 * @param itl gaps between chunks
 * @param e2e end-to-end time
 * @param late how much later than due requests were sent; the generator's own failing
 */
record Summary(
        double seconds,
        long completed,
        long withoutText,
        long withoutUsage,
        Map<String, Tally.Failures> failures,
        Tokens tokens,
        double meanConcurrency,
        long good,
        Stats ttft,
        Stats tpot,
        Stats itl,
        Stats e2e,
        Stats late) {
    /**
     * Tokens of the successful requests.
     *
     * @param prompt prompt tokens
     * @param output output tokens
     * @param cached prompt tokens that the server had in its cache; -1 where it doesn't say
     * @param chunks chunks with text
     */
    record Tokens(long prompt, long output, long cached, long chunks) {
        boolean isCacheReported() {
            return cached >= 0;
        }
    }

    /** Returns how many requests failed, those that were given up not counted. */
    long failed() {
        return failures.entrySet().stream()
                .filter(kind -> !kind.getKey().equals(RequestResult.CANCELLED))
                .mapToLong(kind -> kind.getValue().count())
                .sum();
    }

    /** Returns how many requests were in flight when the run was stopped. */
    long cancelled() {
        Tally.Failures cancelled = failures.get(RequestResult.CANCELLED);
        return cancelled == null ? 0 : cancelled.count();
    }

    /** Returns successful requests a second. */
    double requestsPerSecond() {
        return perSecond(completed);
    }

    /** Returns output tokens a second. */
    double outputTokensPerSecond() {
        return perSecond(tokens.output());
    }

    /** Returns prompt and output tokens a second. */
    double totalTokensPerSecond() {
        return perSecond(tokens.prompt() + tokens.output());
    }

    boolean hasGoodput() {
        return good >= 0;
    }

    /** Returns requests within the targets a second. */
    double goodPerSecond() {
        return perSecond(good);
    }

    private double perSecond(long count) {
        return seconds > 0 ? count / seconds : Double.NaN;
    }
}
