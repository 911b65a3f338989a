package dev.kvasir.pool;

import java.util.Set;

/** The segments that other nodes lend this one, as those see it who read them. Belongs to the pool's thread. */
public interface Borrowed {
    /**
     * A segment on loan.
     *
     * @param node who lends it
     * @param loan the lender's number of the loan
     * @param slot where it lies on the lender's device
     */
    record Segment(int node, long loan, int slot) {
        public Segment {
            if (node < 1 || slot < 0) {
                throw new IllegalArgumentException("no such segment: slot " + slot + " of node " + node);
            }
        }
    }

    /**
     * Returns what a segment table's negative number stands for.
     *
     * @param reference as {@link PinnedPrefix#reference} told it; valid while that prefix is pinned
     * @throws IllegalStateException if nothing is on loan under this number
     */
    Segment segment(int reference);

    /** Says that a node hasn't answered: what it lends is lost, and prefixes with any of it are no longer {@linkplain PinnedPrefix#isIntact intact}. */
    void onSilent(int node);

    /**
     * Says that a node has answered that loans have ended: what they held is lost, and nothing else of that node.
     *
     * @param loans the lender's numbers
     */
    default void onEnded(int node, Set<Long> loans) {
        onSilent(node);
    }
}
