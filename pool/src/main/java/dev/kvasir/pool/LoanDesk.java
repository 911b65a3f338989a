package dev.kvasir.pool;

import java.util.Optional;

/** What this node lends to others, as those see it who read segments for them. Thread-safe. */
public interface LoanDesk {
    /** A loan that stays while it's read: its slots hold their segments until {@link #close}. */
    interface Visit extends AutoCloseable {
        /** Returns whether the loan has a slot. */
        boolean has(int slot);

        @Override
        void close();
    }

    /**
     * Opens a loan to read its segments; for a moment only, since a slot isn't free before.
     *
     * @param borrower who asks
     * @return empty if there's no such loan, it has ended, or somebody else has it
     */
    Optional<Visit> visit(int borrower, long loan);
}
