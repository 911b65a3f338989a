package dev.kvasir.scheduler.elastic;

/**
 * A prompt that is to be computed.
 *
 * @param prefixTokens of it that the cache has
 * @param newTokens that are to be computed, at least one
 * @param targetSeconds how long its batch may take; infinite: any time
 */
public record ElasticRequest(int prefixTokens, int newTokens, double targetSeconds) {
    public ElasticRequest {
        if (prefixTokens < 0 || newTokens < 1 || !(targetSeconds > 0)) {
            throw new IllegalArgumentException("no prompt has " + prefixTokens + " cached and " + newTokens
                    + " new tokens and a target of " + targetSeconds + " s");
        }
    }

    /** Returns the length of the prompt. */
    int context() {
        return prefixTokens + newTokens;
    }
}
