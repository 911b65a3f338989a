package dev.kvasir.benchmarks.quality;

import dev.kvasir.runner.TokenLogprobs;
import java.util.HashMap;
import java.util.Map;

/**
 * How far two distributions of the next token are apart.
 *
 * @param kl Kullback-Leibler divergence of the second from the first, in nats, over the tokens that both list
 * @param largest largest difference of log-probabilities among these
 * @param mean mean difference of log-probabilities among these
 * @param sameBest whether the most likely token is the same
 */
record Distance(double kl, double largest, double mean, boolean sameBest) {
    static Distance of(TokenLogprobs expected, TokenLogprobs got) {
        Map<Integer, Float> others = new HashMap<>();
        for (int i = 0; i < got.topTokens().length; i++) {
            others.put(got.topTokens()[i], got.topLogprobs()[i]);
        }
        double kl = 0;
        double largest = 0;
        double sum = 0;
        int common = 0;
        for (int i = 0; i < expected.topTokens().length; i++) {
            Float other = others.get(expected.topTokens()[i]);
            if (other != null) {
                double logprob = expected.topLogprobs()[i];
                double difference = Math.abs(logprob - other);
                kl += Math.exp(logprob) * (logprob - other);
                largest = Math.max(largest, difference);
                sum += difference;
                common++;
            }
        }
        return new Distance(
                Math.max(0, kl),
                largest,
                common == 0 ? Double.NaN : sum / common,
                expected.topTokens()[0] == got.topTokens()[0]);
    }
}
