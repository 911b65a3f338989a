package dev.kvasir.engine.config;

/** A setting that can't be used; the message is one sentence that names it. */
public final class SettingsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public SettingsException(String message) {
        super(message);
    }
}
