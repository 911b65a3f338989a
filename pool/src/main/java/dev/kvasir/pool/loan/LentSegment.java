package dev.kvasir.pool.loan;

import dev.kvasir.pool.Borrowed;
import dev.kvasir.pool.SegmentId;

/** A segment that another node lends this one. The {@link Borrower} alone changes it. */
public final class LentSegment {
    final BorrowedLoan loan;
    final SegmentId id;
    final Borrowed.Segment place;
    final int reference; // negative
    int uses;
    boolean lost;

    LentSegment(BorrowedLoan loan, SegmentId id, int slot, int reference) {
        this.loan = loan;
        this.id = id;
        this.place = new Borrowed.Segment(loan.node, loan.number, slot);
        this.reference = reference;
    }

    /** Returns what it is. */
    public SegmentId id() {
        return id;
    }

    /** Returns where it lies. */
    public Borrowed.Segment place() {
        return place;
    }

    /** Returns the number that stands for it in segment tables, below 0. */
    public int reference() {
        return reference;
    }

    /** Returns whether it can't be read any more. */
    public boolean isLost() {
        return lost;
    }

    @Override
    public String toString() {
        return "segment " + id + " in " + place;
    }
}
