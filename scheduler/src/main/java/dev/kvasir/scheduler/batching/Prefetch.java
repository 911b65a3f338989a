package dev.kvasir.scheduler.batching;

import dev.kvasir.pool.CachedTokens;
import dev.kvasir.pool.MemPool;
import dev.kvasir.pool.Move;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.Tier;
import dev.kvasir.scheduler.PrefetchConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Brings what lower tiers have of waiting prompts to the device while they wait, and says how long that is worth waiting for. */
final class Prefetch {
    /*
     * What was brought is pinned for its sequence until that is admitted, so only the first few in line are served: the others would hold slots that
     * these need. A pin is given up when room is short, the youngest's first, so waiting sequences never keep each other from running.
     *
     * Tenants take turns: whoever has sent many prompts at once gets no more than one place before others have one, even if theirs came later. A place
     * that is lost to another tenant is taken again when there is one; what had arrived by then is most likely still there.
     *
     * A step is never held up: a sequence that waits for a copy is passed by others.
     */

    /** Sequences near the head of the queue that are served. */
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

    /** Begins for those that have a place and haven't begun; ends for those that have lost theirs. */
    void begin(ArrivalQueue waiting, long nowNanos) {
        Set<Sequence> served = served(waiting);
        for (int i = 0; i < waiting.size(); i++) {
            Sequence sequence = waiting.get(i);
            if (!served.contains(sequence)) {
                end(sequence);
                continue;
            }
            // Who is first in line has nobody to give way to but those that run.
            boolean open = sequence.prefetch == null || (i == 0 && sequence.prefetch == Move.NONE);
            if (open && !isOver(sequence) && !sequence.needsWholePrompt()) {
                look(sequence, nowNanos);
            }
        }
    }

    /** Returns the first in line of each tenant, then the second of each, until the places are taken. */
    private static Set<Sequence> served(ArrivalQueue waiting) {
        List<List<Sequence>> turns = new ArrayList<>();
        for (int turn = 0; turn < MOST; turn++) {
            turns.add(new ArrayList<>());
        }
        Map<Long, Integer> ofTenant = new HashMap<>();
        for (int i = 0; i < waiting.size() && turns.get(0).size() < MOST; i++) {
            int turn = ofTenant.merge(waiting.get(i).tenant(), 1, Integer::sum) - 1;
            if (turn < MOST) {
                turns.get(turn).add(waiting.get(i));
            }
        }
        return turns.stream().flatMap(List::stream).limit(MOST).collect(Collectors.toSet());
    }

    private static boolean isOver(Sequence sequence) {
        return sequence.prefetchHistory != null && sequence.prefetchHistory.isOver();
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
            replace(sequence, move, nowNanos);
            return isWorthWaiting(sequence, nowNanos);
        }
        boolean late = config.patience() == PrefetchConfig.Patience.TIMEOUT
                && sequence.prefetchHistory != null
                && sequence.prefetchHistory.age(nowNanos) >= config.timeoutNanos();
        return !move.isDone() && !late;
    }

    /** Returns when what lower tiers have of a waiting sequence was first looked for, {@code nowNanos} if it wasn't. */
    static long began(Sequence sequence, long nowNanos) {
        PrefetchHistory history = sequence.prefetchHistory;
        return history == null ? nowNanos : nowNanos - history.age(nowNanos);
    }

    /**
     * Ends a prefetch whose sequence has pinned what it found.
     *
     * @param matched tokens that it found
     * @return these, by where they were when it came
     */
    CachedTokens onAdmitted(Sequence sequence, int matched) {
        end(sequence);
        PrefetchHistory history = sequence.prefetchHistory;
        sequence.prefetchHistory = null; // should it be preempted, it will wait anew
        int remote = sequence.table.remoteTokens();
        CachedTokens here = history == null ? CachedTokens.ofDevice(matched - remote) : history.split(matched - remote);
        return new CachedTokens(here.device(), here.host(), here.disk(), remote);
    }

    /**
     * Ends what is on its way to a sequence that doesn't wait for it any more, if that takes the room which the sequence lacks. Copies that are going on
     * end by themselves, others don't begin. It isn't looked for again.
     *
     * @param missing slots that it lacks
     * @return whether anything was ended
     */
    boolean giveUp(Sequence sequence, int missing) {
        Move move = sequence.prefetch;
        PrefetchHistory history = sequence.prefetchHistory;
        if (move == null || history == null || move.isDone() || move.underWay() < missing) {
            return false;
        }
        end(sequence);
        history.close();
        return true;
    }

    /** Gives up what is held for the youngest waiting sequence that came after {@code than}. Returns whether there was one. */
    boolean giveWay(ArrivalQueue waiting, long than) {
        for (int i = waiting.size() - 1; i >= 0; i--) {
            Sequence sequence = waiting.get(i);
            if (sequence.arrival > than && sequence.prefetch != null && sequence.prefetch != Move.NONE) {
                end(sequence);
                sequence.prefetch = Move.NONE;
                return true;
            }
        }
        return false;
    }

    /** Ends what is under way for a sequence, if anything is. */
    void end(Sequence sequence) {
        Move move = sequence.prefetch;
        if (move != null) {
            noteEnd(sequence, move);
            move.release();
            sequence.prefetch = null;
        }
    }

    private void look(Sequence sequence, long nowNanos) {
        SegmentId root = sequence.request.cacheRoot();
        if (sequence.prefetchHistory == null) {
            sequence.prefetchHistory =
                    new PrefetchHistory(nowNanos, pool.matchedTokens(root, sequence.tokens, sequence.length));
        }
        sequence.prefetch = pool.swapIn(root, sequence.tokens, sequence.length, computeNanos);
    }

    /** Looks again, for what there was no room for before. What had come stays pinned. */
    private void replace(Sequence sequence, Move move, long nowNanos) {
        noteEnd(sequence, move);
        look(sequence, nowNanos);
        move.release();
    }

    private static void noteEnd(Sequence sequence, Move move) {
        if (sequence.prefetchHistory != null) {
            sequence.prefetchHistory.ended(move);
        }
    }
}
