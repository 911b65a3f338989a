package dev.kvasir.pool.store;

import java.io.IOException;

/** What lies in a slot is not the segment that should be there: torn, flipped or another one. To be treated as a miss. */
public final class BadSegmentException extends IOException {
    private static final long serialVersionUID = 1;

    public BadSegmentException(String message) {
        super(message);
    }
}
