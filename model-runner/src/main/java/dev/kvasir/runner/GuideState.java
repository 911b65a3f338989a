package dev.kvasir.runner;

/** How far one answer has come along its {@link Guide}. For one thread at a time. */
public interface GuideState {
    /**
     * Returns the tokens that may come next, a bit for each: token {@code t} is bit {@code t % 64} of word {@code t / 64}. Tokens beyond the words may
     * not come. Lent until the next {@link #accept}. At least one bit is set unless the answer {@link #isOver}.
     */
    long[] allowed();

    /**
     * Takes the token that came.
     *
     * @throws IllegalStateException if it isn't allowed
     */
    void accept(int token);

    /** Returns whether the answer may end here. */
    boolean isComplete();

    /** Returns whether nothing but the end can come. */
    boolean isOver();
}
