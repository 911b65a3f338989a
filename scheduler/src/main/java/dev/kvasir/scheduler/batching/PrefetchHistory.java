package dev.kvasir.scheduler.batching;

import dev.kvasir.pool.CachedTokens;
import dev.kvasir.pool.Move;
import dev.kvasir.pool.Tier;

/** What has become of one sequence's prefetches so far. */
final class PrefetchHistory {
    private final long beganNanos;
    private final int onDevice; // tokens of it that the device had when it was first looked for
    private int fromHost; // tokens that ended moves have brought
    private int fromDisk;
    private boolean over; // it won't be looked for again

    PrefetchHistory(long beganNanos, int onDevice) {
        this.beganNanos = beganNanos;
        this.onDevice = onDevice;
    }

    /** Returns how long ago it was first looked for. */
    long age(long nowNanos) {
        return nowNanos - beganNanos;
    }

    /** A move has ended: what it has brought counts. */
    void ended(Move move) {
        fromHost += move.tokensFrom(Tier.HOST);
        fromDisk += move.tokensFrom(Tier.DISK);
    }

    /** It gets what it has and no more. */
    void close() {
        over = true;
    }

    boolean isOver() {
        return over;
    }

    /** Returns tokens that were found on the device in the end by where they were when they were first looked for. */
    CachedTokens split(int matched) {
        // What came here twice, since it was evicted in between, counts once. What somebody else has computed meanwhile
        // is the device's.
        int moved = matched - Math.min(matched, onDevice);
        int host = Math.min(moved, fromHost);
        int disk = Math.min(moved - host, fromDisk);
        return new CachedTokens(matched - host - disk, host, disk, 0);
    }
}
