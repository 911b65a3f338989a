package dev.kvasir.runner;

/** A compiled {@link GuideSpec}: which tokens may follow which. Immutable and thread-safe. */
public interface Guide {
    /** Returns what it was compiled from. */
    GuideSpec spec();

    /**
     * Returns the state of an answer that begins.
     *
     * @param endTokens tokens that end the answer where it is complete; lent
     */
    GuideState start(int[] endTokens);
}
