package dev.kvasir.engine.http;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes that all request bodies together may take while they are read and parsed. Thread-safe. */
final class BodyBudget {
    private final long limit;
    private final AtomicLong taken = new AtomicLong();

    BodyBudget(long limit) {
        this.limit = limit;
    }

    /** Takes bytes, if there are so many left. */
    boolean take(long bytes) {
        if (taken.addAndGet(bytes) <= limit) {
            return true;
        }
        taken.addAndGet(-bytes);
        return false;
    }

    void giveBack(long bytes) {
        taken.addAndGet(-bytes);
    }

    /** Returns how many bytes are taken. */
    long taken() {
        return taken.get();
    }
}
