package dev.kvasir.pool;

import java.util.Optional;

/** What this node lends to others, as those see it who read segments for them. Thread-safe. */
public interface LoanDesk {
    /** A loan that stays while it's read: its slots hold their segments until {@link #close}. */
    interface Visit extends AutoCloseable {
        /** Returns whether the loan has a slot. */
        boolean has(int slot);

        /**
         * Leaves word for a layer that isn't written yet, of slots that a running step writes. Such a visit is to be closed then, and another one made when the layer is there.
         *
         * @param ready runs when it's written, on any thread, and is to hand on what takes time
         * @param never runs instead if it won't be, or not in time, maybe at once
         * @return false if the layer can be read; then neither runs
         */
        default boolean await(int layer, Runnable ready, Runnable never) {
            return false;
        }

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
