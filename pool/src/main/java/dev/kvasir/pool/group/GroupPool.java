package dev.kvasir.pool.group;

import dev.kvasir.pool.MemPool;
import dev.kvasir.pool.Move;
import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.loan.LentSegment;
import java.util.List;

/** What groups need of a pool beside what all do. */
public interface GroupPool extends MemPool {
    /**
     * Appends segments on loan to a prefix, whose handle is dead then.
     *
     * @param lent in order; a use of each is taken over
     */
    PinnedPrefix extend(PinnedPrefix prefix, List<LentSegment> lent);

    /**
     * Brings copies of what a prefix has on loan, from holders from which copying is faster than querying. The prefix stays as it is; a match finds the copies.
     *
     * @param prefix of {@code tokens}, to be kept until this is released
     * @param length how many of the tokens count
     * @return to be released when they have been matched
     */
    Move bringCopies(PinnedPrefix prefix, int[] tokens, int length);

    /** Returns whether a segment lies on this node's device. */
    boolean isHere(SegmentId id);
}
