package dev.kvasir.scheduler.batching;

import dev.kvasir.pool.CachedTokens;
import dev.kvasir.pool.MemPool;
import dev.kvasir.pool.Move;
import dev.kvasir.pool.Tier;
import dev.kvasir.scheduler.PrefetchConfig;

/** Brings what lower tiers have of waiting prompts to the device while they wait, and says how long that is worth waiting for. */
final class Prefetch {
    /*
     * What was brought is pinned for its sequence until that is admitted, so only the first few in line are served: the others would hold slots that
     * these need. A pin is given up when room is short, the youngest's first, so waiting sequences never keep each other from running.
     *
     * A step is never held up: a sequence that waits for a copy is passed by others.
     */

    /** Sequences at the head of the queue that are served. */
    private static final int MOST = 4;

    /** Steps of fewer tokens say little about what computing a prompt costs: their time is that of reading the weights. */
    private static final int PREFILL_TOKENS = 64;

    private static final double WEIGHT = 0.2;

    private final MemPool pool;
    private final PrefetchConfig config;
    private double computeNanos; // of a prompt's token; 0: not known yet

    Prefetch(MemPool pool, PrefetchConfig config) {
        this.pool = pool;
        this.config = config;
    }

    /** Learns what a step of so many tokens took. */
    void onStep(int tokens, long nanos) {
        if (tokens >= PREFILL_TOKENS) {
            double now = (double) nanos / tokens;
            computeNanos = computeNanos == 0 ? now : computeNanos + WEIGHT * (now - computeNanos);
        }
    }

    /** Begins for the first sequences in line that have none. */
    void begin(ArrivalQueue waiting, long nowNanos) {
        for (int i = 0; i < Math.min(MOST, waiting.size()); i++) {
            Sequence sequence = waiting.get(i);
            // Who is first in line has nobody to give way to but those that run.
            boolean open = sequence.prefetch == null || (i == 0 && sequence.prefetch == Move.NONE);
            if (open && !sequence.owesPromptLogprobs()) {
                look(sequence);
                sequence.prefetchBeganNanos = nowNanos;
            }
        }
    }

    /** Returns whether a waiting sequence should wait for what is on its way to it. */
    boolean isWorthWaiting(Sequence sequence, long nowNanos) {
        Move move = sequence.prefetch;
        if (move == null || config.patience() == PrefetchConfig.Patience.BEST_EFFORT) {
            return false;
        }
        if (move.isDone()
                && move.left() > 0
                && move.left() <= pool.usage(Tier.DEVICE).available()) {
            // There is room now for what there was none for. Pinned again in the same breath, so nothing is lost in
            // between.
            look(sequence);
            move.release();
            return isWorthWaiting(sequence, nowNanos);
        }
        boolean late = config.patience() == PrefetchConfig.Patience.TIMEOUT
                && nowNanos - sequence.prefetchBeganNanos >= config.timeoutNanos();
        return !move.isDone() && !late;
    }

    /**
     * Ends a prefetch whose sequence has pinned what it found.
     *
     * @param matched tokens that it found
     * @return these, by where they were when it came
     */
    CachedTokens onAdmitted(Sequence sequence, int matched) {
        int remote = sequence.table.remoteTokens();
        int here = matched - remote;
        Move move = sequence.prefetch;
        if (move == null) {
            return new CachedTokens(here, 0, 0, remote);
        }
        int host = Math.min(here, move.tokensFrom(Tier.HOST));
        int disk = Math.min(here - host, move.tokensFrom(Tier.DISK));
        end(sequence);
        return new CachedTokens(here - host - disk, host, disk, remote);
    }

    /** Gives up what is held for the youngest waiting sequence that came after {@code than}. Returns whether there was one. */
    boolean giveWay(ArrivalQueue waiting, long than) {
        for (int i = waiting.size() - 1; i >= 0; i--) {
            Sequence sequence = waiting.get(i);
            if (sequence.arrival > than && sequence.prefetch != null && sequence.prefetch != Move.NONE) {
                sequence.prefetch.release();
                sequence.prefetch = Move.NONE;
                return true;
            }
        }
        return false;
    }

    /** Ends what is under way for a sequence, if anything is. */
    void end(Sequence sequence) {
        if (sequence.prefetch != null) {
            sequence.prefetch.release();
            sequence.prefetch = null;
        }
    }

    private void look(Sequence sequence) {
        sequence.prefetch = pool.swapIn(sequence.request.cacheRoot(), sequence.tokens, sequence.length, computeNanos);
    }
}
