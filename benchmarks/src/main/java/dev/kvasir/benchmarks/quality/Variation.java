package dev.kvasir.benchmarks.quality;

/** Something that is done to a prefix between its computation and its use. */
interface Variation {
    /** Returns what it's called in reports. */
    String name();

    /**
     * Changes the keys and values of the prefix.
     *
     * @param steps computes more of it, where that is the change
     * @param conversation whose first {@code prefixTokens} tokens, whole segments, have been computed in one step
     */
    void apply(Steps steps, Conversation conversation, int prefixTokens);
}
