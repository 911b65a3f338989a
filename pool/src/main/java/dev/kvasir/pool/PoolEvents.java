package dev.kvasir.pool;

/**
 * Told of single segments, on the pool's thread, where {@link TierCounters} only count: for distributions and for a log. Must be quick and must not
 * call the pool.
 */
public interface PoolEvents {
    /** Nobody listens. */
    PoolEvents NONE = new PoolEvents() {
        @Override
        public void onReuse(Tier tier, long gapNanos) {
            // Not told on.
        }

        @Override
        public void onGone(Tier tier, long lifetimeNanos) {
            // Not told on.
        }

        @Override
        public void onFailure(Tier tier, String reason, String what) {
            // Not told on.
        }
    };

    /**
     * A look-up that counts has found a segment.
     *
     * @param gapNanos since the one before it, or since the segment came to the tier
     */
    void onReuse(Tier tier, long gapNanos);

    /**
     * A segment has left a tier: evicted, deleted, or of no use any more.
     *
     * @param lifetimeNanos since it came, or since the pool was made, with a file that had it before
     */
    void onGone(Tier tier, long lifetimeNanos);

    /**
     * Reading, writing or erasing a segment has failed.
     *
     * @param reason as in {@link TierCounters#failures}
     * @param what says what, for whoever runs the server; no token, no text
     */
    void onFailure(Tier tier, String reason, String what);
}
