package dev.kvasir.engine.wire;

/** Says that what came over a link can't be used. */
final class DroppedException extends Exception {
    private static final long serialVersionUID = 1;

    private final Drop reason;

    DroppedException(Drop reason, String message) {
        super(message, null, false, false); // a peer can cause as many as it likes
        this.reason = reason;
    }

    Drop reason() {
        return reason;
    }
}
