package dev.kvasir.pool.eviction;

/** How much hits are worth: half as much after each half-life without a use. */
final class AgedHits {
    /*
     * (1 + hits) / 2^((now - lastUse) / halfLife) falls for all things alike as time goes by, so their order never changes by
     * itself. Its logarithm without the part that all have in common is a rank that is computed once:
     *
     *   lastUse + halfLife * log2(1 + hits)
     *
     * Each doubling of the hits is as good as a last use one half-life later. Without hits that is LRU. Hits beyond MOST count
     * no more, so that nothing outlives a newcomer by more than log2(1 + MOST) = 4 half-lives.
     *
     * A parent has no earlier use and no fewer hits than its children, hence no lower rank: that leaves go first costs nothing.
     */
    static final int MOST = 15;

    private final double[] worth = new double[MOST + 1]; // in uses, by hits

    /** Takes a half-life in uses, as {@link Evictable#lastUse()} counts them. */
    AgedHits(long halfLife) {
        if (halfLife < 1) {
            throw new IllegalArgumentException("hits need a half-life of at least one use, not " + halfLife);
        }
        for (int hits = 0; hits <= MOST; hits++) {
            // StrictMath: the same order on every machine.
            worth[hits] = halfLife * (StrictMath.log(1 + hits) / StrictMath.log(2));
        }
    }

    /** Returns the rank of something; what has a higher one stays longer. */
    double rank(int hits, long lastUse) {
        return lastUse + worth[Math.min(hits, MOST)];
    }
}
