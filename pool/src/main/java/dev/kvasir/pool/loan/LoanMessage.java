package dev.kvasir.pool.loan;

import dev.kvasir.pool.SegmentId;
import java.util.Arrays;

/**
 * What two nodes say to each other about loans.
 *
 * <pre>
 *   borrower                            lender
 *     |------- Borrow: which ------------>|   pins what it has of them
 *     |<------ Lend: where they lie ------|   maybe none
 *     |------- Renew, now and then ------>|
 *     |------- Return ------------------->|   unpins
 * </pre>
 */
public sealed interface LoanMessage {
    /**
     * Asks for segments.
     *
     * @param request the borrower's number of it
     * @param parent identity of the segment before the first one of {@code tokens}, or a root
     * @param tokens a whole number of segments; handed over
     * @param wanted which of these, ascending, at least one; handed over
     */
    record Borrow(long request, SegmentId parent, int[] tokens, int[] wanted) implements LoanMessage {
        public Borrow {
            for (int i = 0; i < wanted.length; i++) {
                if (wanted[i] < 0 || (i > 0 && wanted[i] <= wanted[i - 1])) {
                    throw new IllegalArgumentException("segments are wanted out of order: " + Arrays.toString(wanted));
                }
            }
            if (wanted.length == 0) {
                throw new IllegalArgumentException("nothing is wanted");
            }
        }
    }

    /**
     * Answers.
     *
     * @param loan the lender's number of the loan; there is none if it has none of the segments
     * @param lent which of the wanted ones it lends, ascending; handed over
     * @param slots where each lies on the lender's device; handed over
     */
    record Lend(long request, long loan, int[] lent, int[] slots) implements LoanMessage {
        public Lend {
            if (lent.length != slots.length) {
                throw new IllegalArgumentException(lent.length + " segments can't lie in " + slots.length + " slots");
            }
        }
    }

    /** Says that loans are still needed; the numbers are handed over. */
    record Renew(long[] loans) implements LoanMessage {}

    /** Gives a loan back. */
    record Return(long loan) implements LoanMessage {}

    /**
     * Asks for copies of segments instead of a loan: they're sent as replicas, as far as the holder has them. There is no answer but these.
     *
     * @param parent as in {@link Borrow}
     * @param tokens as in {@link Borrow}
     * @param wanted as in {@link Borrow}
     */
    record Send(SegmentId parent, int[] tokens, int[] wanted) implements LoanMessage {
        public Send {
            new Borrow(0, parent, tokens, wanted); // the same must hold
        }
    }

    /** Says that a segment which is about to be sent is to be a replica: not its home. */
    record Replica(SegmentId id) implements LoanMessage {}
}
