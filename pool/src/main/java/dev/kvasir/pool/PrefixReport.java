package dev.kvasir.pool;

/**
 * A prefix that the pool holds, without its content. Both names are {@linkplain SegmentIdentity#alias aliases}.
 *
 * @param id alias of its last segment's identity
 * @param tenant alias of the root that its identity chain starts from: a tenant, or one of its cache salts
 * @param tokens its length, from the first token of the prompt on
 * @param hits how often a prompt that was looked up began with it
 * @param tier where its last segment lies
 */
public record PrefixReport(String id, String tenant, int tokens, int hits, Tier tier) {
    public PrefixReport {
        SegmentIdentity.checkAlias(id);
        SegmentIdentity.checkAlias(tenant);
        if (tokens < 1 || hits < 0) {
            throw new IllegalArgumentException("no prefix has " + tokens + " tokens and was found " + hits + " times");
        }
    }
}
