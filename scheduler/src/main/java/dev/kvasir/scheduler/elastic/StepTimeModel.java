package dev.kvasir.scheduler.elastic;

/**
 * How long a step takes: {@code c0 + c1 newTokens + c2 attention + c3 decodeContext} seconds on one node. Work that k nodes share takes each a k-th of the
 * last three; c0 is paid by all at once.
 *
 * @param c0 seconds a step
 * @param c1 seconds a new token
 * @param c2 seconds a pair of new and attended token of a prompt
 * @param c3 seconds a token of a decode's context
 */
public record StepTimeModel(double c0, double c1, double c2, double c3) {
    /** Returns the model without terms that make steps faster by more work, which is what noise looks like. */
    StepTimeModel withoutNegativeTerms() {
        return new StepTimeModel(Math.max(0, c0), Math.max(0, c1), Math.max(0, c2), Math.max(0, c3));
    }

    /** Returns the seconds of a step that so many nodes compute together. */
    public double seconds(StepWork work, int nodes) {
        return c0 + (c1 * work.newTokens() + c2 * work.attention() + c3 * work.decodeContext()) / nodes;
    }
}
