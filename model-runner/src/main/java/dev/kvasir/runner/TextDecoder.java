package dev.kvasir.runner;

/** Turns a stream of tokens into text, holding back what isn't yet a whole character. For one stream and one thread. */
public interface TextDecoder {
    /** Takes the next token and returns the text that became certain, maybe empty; never half a character. */
    String next(int token);

    /** Returns what was held back, with U+FFFD for bytes that never became a character. The stream is over then. */
    String finish();
}
