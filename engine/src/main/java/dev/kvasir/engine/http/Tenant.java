package dev.kvasir.engine.http;

import dev.kvasir.engine.config.ApiKey;
import org.jspecify.annotations.Nullable;

/**
 * Who asks.
 *
 * @param id whose cache it is
 * @param admin whether it may use the routes of administrators
 * @param key the key that was shown; null where none is needed
 */
record Tenant(String id, boolean admin, @Nullable ApiKey key) {
    /** Everybody, where no keys are set. */
    static final String ANYBODY = "";

    /** Who showed no key. */
    static Tenant anybody(boolean admin) {
        return new Tenant(ANYBODY, admin, null);
    }

    /** Returns a name for the log; a key without a name stays unnamed. */
    String shown() {
        return id.isEmpty() ? "-" : id.startsWith("key:") ? "key" : id;
    }
}
