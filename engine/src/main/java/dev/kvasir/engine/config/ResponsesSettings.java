package dev.kvasir.engine.config;

/**
 * Responses that can be asked for, and continued, by their id.
 *
 * @param maxStored of all tenants; 0 stores nothing
 * @param maxBytes memory for them
 * @param keepSeconds how long one stays that nobody uses
 */
public record ResponsesSettings(int maxStored, long maxBytes, int keepSeconds) {
    static ResponsesSettings of(SettingValues values) {
        return new ResponsesSettings(
                values.integer("responses.maxStored", 0, 1 << 20),
                values.size("responses.maxBytes", 0, 1L << 40),
                values.integer("responses.keepSeconds", 1, Integer.MAX_VALUE));
    }
}
