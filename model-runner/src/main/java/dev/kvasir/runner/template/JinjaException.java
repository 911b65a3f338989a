package dev.kvasir.runner.template;

/** A template that can't be parsed or fails while it runs; the message says why. */
final class JinjaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean refusal;

    JinjaException(String message) {
        this(message, false);
    }

    private JinjaException(String message, boolean refusal) {
        super(message);
        this.refusal = refusal;
    }

    /** What a template's own {@code raise_exception} throws: the message is the template's, word for word. */
    static JinjaException refusal(String message) {
        return new JinjaException(message, true);
    }

    /** Returns the same with the line where it happened, unless an inner line is known. */
    JinjaException at(int line) {
        String message = String.valueOf(getMessage());
        return refusal || message.startsWith("line ") ? this : new JinjaException("line " + line + ": " + message);
    }
}
