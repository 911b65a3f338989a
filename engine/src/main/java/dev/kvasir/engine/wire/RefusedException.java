package dev.kvasir.engine.wire;

/** Says that a connection is not let in. */
final class RefusedException extends Exception {
    private static final long serialVersionUID = 1;

    private final Refused reason;

    RefusedException(Refused reason, String message) {
        super(message, null, false, false); // anybody can cause as many as they like
        this.reason = reason;
    }

    Refused reason() {
        return reason;
    }
}
