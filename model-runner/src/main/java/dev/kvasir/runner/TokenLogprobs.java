package dev.kvasir.runner;

/**
 * Log-probabilities at one position, natural logarithm, of the model's own distribution.
 *
 * @param token the token that stands there
 * @param logprob its log-probability
 * @param topTokens the most likely tokens, best first
 * @param topLogprobs theirs
 */
public record TokenLogprobs(int token, float logprob, int[] topTokens, float[] topLogprobs) {}
