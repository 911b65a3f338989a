package dev.kvasir.pool.disk;

import java.io.IOException;

/** A file that can't serve as the store that was asked for. The message names it and says what differs. */
public final class IncompatibleStoreException extends IOException {
    private static final long serialVersionUID = 1;

    IncompatibleStoreException(String message) {
        super(message);
    }
}
