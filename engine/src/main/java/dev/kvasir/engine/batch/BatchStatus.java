package dev.kvasir.engine.batch;

import java.util.Locale;

/** Where a batch is in its life. */
public enum BatchStatus {
    VALIDATING,
    IN_PROGRESS,
    FINALIZING,
    COMPLETED,
    FAILED,
    /** Its time was over before all was answered. */
    EXPIRED,
    CANCELLING,
    CANCELLED;

    /** Returns whether nothing more will happen. */
    public boolean isOver() {
        return this == COMPLETED || this == FAILED || this == EXPIRED || this == CANCELLED;
    }

    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    static BatchStatus of(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }
}
