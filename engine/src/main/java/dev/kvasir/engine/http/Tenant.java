package dev.kvasir.engine.http;

/**
 * Who asks.
 *
 * @param id whose cache it is
 * @param admin whether it may use the routes of administrators
 */
record Tenant(String id, boolean admin) {
    /** Everybody, where no keys are set. */
    static final String ANYBODY = "";

    /** Returns a name for the log; a key without a name stays unnamed. */
    String shown() {
        return id.isEmpty() ? "-" : id.startsWith("key:") ? "key" : id;
    }
}
