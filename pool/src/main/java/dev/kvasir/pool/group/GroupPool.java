package dev.kvasir.pool.group;

import dev.kvasir.pool.MemPool;
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

    /** Returns whether a segment lies on this node's device. */
    boolean isHere(SegmentId id);
}
