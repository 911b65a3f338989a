package dev.kvasir.scheduler.batching;

import dev.kvasir.pool.MemPool;
import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.Tier;
import java.util.Arrays;
import java.util.Optional;

/** Decides whether a waiting sequence may run, and pins what the prefix tree has of it. */
final class Admission {
    /*
     * In-flight sharing. A waiting sequence that shares at least one more whole segment with an older running one than the
     * tree holds yet waits until that one has computed it, and then reuses it. So n choices of one prompt, or a burst behind
     * one system prompt, cost one prefill.
     *
     * The wait ends. Only running sequences are waited for, and they compute at least a token a step; only for tokens that
     * they know already; and only for older ones, so that nobody who passes a waiting sequence can hold it up, and there is no
     * cycle. The answer is kept in `awaited`, so that a blocked sequence costs one comparison a step.
     * See docs/decisions/0006-prefix-in-flight.md.
     */

    /** Whether a sequence may run. */
    enum Answer {
        OPENED,
        /** The pool has no room; who came later may not take what there is. */
        NO_ROOM,
        /** Its tenant has no room left in its quota while others of it run; this is nobody else's business. */
        OVER_QUOTA
    }

    private final MemPool pool;
    private final int segmentTokens;

    private int missing;

    Admission(MemPool pool) {
        this.pool = pool;
        segmentTokens = pool.layout().segmentTokens();
    }

    /** Returns whether an older running sequence is about to compute a segment that {@code sequence} can reuse. */
    boolean isWorthWaiting(Sequence sequence, ArrivalQueue running) {
        Sequence awaited = sequence.awaited;
        if (awaited != null && awaited.state == Sequence.State.RUNNING && awaited.computed < sequence.awaitedTokens) {
            return true;
        }
        sequence.awaited = null;
        if (sequence.needsWholePrompt()) {
            return false;
        }
        int inTree = -1;
        for (int i = 0; i < running.size() && running.get(i).arrival < sequence.arrival; i++) {
            Sequence older = running.get(i);
            int shared = sharedTokens(sequence, older, segmentTokens);
            if (shared <= older.computed) {
                continue; // sealed and pinned by the older one, or nothing shared
            }
            if (inTree < 0) {
                inTree = pool.matchedTokens(sequence.request.cacheRoot(), sequence.tokens, sequence.length);
            }
            if (shared > inTree) {
                sequence.awaited = older;
                sequence.awaitedTokens = shared;
                return true;
            }
        }
        return false;
    }

    /**
     * Pins the prefix of {@code sequence} if the pool can hold all known tokens and the next segment's worth, on top of what
     * the running sequences will want in as many steps. So nobody loses its slots right after an admission.
     *
     * <p>The same goes for what its tenant may hold, unless no other sequence of that tenant runs: every request must end, but only one at a time
     * may go beyond the quota for that.
     */
    Answer open(Sequence sequence, ArrivalQueue running) {
        // Prompt log-probabilities and means need every token computed: a match of 1 token pins nothing.
        int matchable = sequence.needsWholePrompt() ? 1 : sequence.length;
        PinnedPrefix prefix = pool.match(sequence.request.cacheRoot(), sequence.tokens, matchable);
        int own = sequence.segmentsAhead(segmentTokens) - prefix.segments();
        int wanted = own;
        boolean alone = true;
        for (int i = 0; i < running.size(); i++) {
            Sequence other = running.get(i);
            int ahead = Math.max(0, other.segmentsAhead(segmentTokens) - other.table.size());
            wanted += ahead;
            if (other.tenant() == sequence.tenant()) {
                own += ahead;
                alone = false;
            }
        }
        missing = Math.max(0, wanted - pool.usage(Tier.DEVICE).available());
        Answer answer = missing > 0
                ? Answer.NO_ROOM
                : !alone && own > pool.roomFor(sequence.request.cacheRoot()) ? Answer.OVER_QUOTA : Answer.OPENED;
        if (answer == Answer.OPENED) {
            sequence.table.open(prefix);
            sequence.computed = prefix.tokens();
        } else {
            pool.giveUp(prefix);
        }
        return answer;
    }

    /** Returns how many slots there were too few when the last one was to be opened. */
    int missing() {
        return missing;
    }

    /**
     * Returns the youngest running sequence of the same tenant, maybe this one, if the next step takes the tenant over its quota and it isn't the only
     * one that runs.
     */
    Optional<Sequence> mustGiveWay(Sequence sequence, ArrivalQueue running) {
        int missing = missing(sequence);
        if (missing <= 0 || missing <= pool.roomFor(sequence.request.cacheRoot())) {
            return Optional.empty();
        }
        Sequence youngest = sequence;
        boolean alone = true;
        for (int i = 0; i < running.size(); i++) {
            Sequence other = running.get(i);
            if (other != sequence && other.tenant() == sequence.tenant()) {
                alone = false;
                youngest = other.arrival > youngest.arrival ? other : youngest;
            }
        }
        return alone ? Optional.empty() : Optional.of(youngest);
    }

    /** Returns how many slots a running sequence lacks for what is scheduled. */
    private static int missing(Sequence sequence) {
        return sequence.scheduled == 0
                ? 0
                : sequence.table.segmentsFor(sequence.computed + sequence.scheduled) - sequence.table.size();
    }

    /** Returns how many tokens both begin with, in whole segments that {@code sequence} could match. */
    static int sharedTokens(Sequence sequence, Sequence older, int segmentTokens) {
        if (!older.request.cacheRoot().equals(sequence.request.cacheRoot())) {
            return 0;
        }
        int end = Math.min(sequence.length - 1, older.length);
        int mismatch = Arrays.mismatch(sequence.tokens, 0, end, older.tokens, 0, end);
        int equal = mismatch < 0 ? end : mismatch;
        return equal - equal % segmentTokens;
    }
}
