package dev.kvasir.pool.loan;

/** A loan as the borrower has it. */
final class BorrowedLoan {
    final int node;
    final long number;
    int uses; // of all its segments

    BorrowedLoan(int node, long number) {
        this.node = node;
        this.number = number;
    }
}
