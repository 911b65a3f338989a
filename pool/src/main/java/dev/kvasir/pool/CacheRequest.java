package dev.kvasir.pool;

/**
 * A request as far as the cache is concerned.
 *
 * @param root where its identity chain starts: model and tenant
 * @param tokens its prompt; handed over, not to be changed
 * @param outputTokens that it is expected to generate
 */
public record CacheRequest(SegmentId root, int[] tokens, int outputTokens) {
    public CacheRequest {
        if (tokens.length == 0 || outputTokens < 0) {
            throw new IllegalArgumentException(
                    "no request has " + tokens.length + " tokens and generates " + outputTokens);
        }
    }
}
