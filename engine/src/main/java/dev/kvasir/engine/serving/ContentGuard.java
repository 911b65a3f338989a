package dev.kvasir.engine.serving;

import java.util.Collection;

/** Keeps what would be a control token text, where it comes from a client. Thread-safe. */
public interface ContentGuard {
    /**
     * Returns a character that occurs in none of the contents.
     *
     * @throws IllegalArgumentException if there is none
     */
    char chooseMarker(Collection<String> contents);

    /** Returns the content with markers where it would be, or could become, a control token. */
    String protect(String content, char marker);

    /**
     * Returns one of the model's own earlier replies so. Words that it writes itself and that a template looks for, such as
     * {@code <think>}, stay what they are.
     */
    String protectReply(String reply, char marker);
}
