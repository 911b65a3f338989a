package dev.kvasir.runner;

/**
 * A step couldn't be computed, since another node no longer answers for segments that it had lent. Nothing of the step counts; what it wrote lies beyond the computed
 * tokens of its rows, where it's written again.
 */
public final class LostSegmentsException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Says who didn't answer and why. */
    public LostSegmentsException(String message) {
        super(message);
    }
}
