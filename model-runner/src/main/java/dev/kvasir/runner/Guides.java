package dev.kvasir.runner;

import org.jspecify.annotations.Nullable;

/** Compiles guides for one tokenizer, and keeps what it has compiled. Thread-safe. */
public interface Guides {
    /** Returns a guide that was compiled already, or null. Quick. */
    @Nullable
    Guide known(GuideSpec spec);

    /**
     * Compiles a guide. Takes up to a second; not for an event loop.
     *
     * @throws GuideException if the spec is wrong, asks for what isn't supported, or is beyond a limit
     */
    Guide compile(GuideSpec spec) throws GuideException;

    /** Why there is no guide; the message is fit for the client. */
    final class GuideException extends Exception {
        private static final long serialVersionUID = 1L;

        public GuideException(String message) {
            super(message);
        }
    }
}
