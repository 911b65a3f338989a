package dev.kvasir.pool;

/** A prompt that several nodes compute together, as the node sees it that needs it. Progress happens in {@link MemPool#poll}. Belongs to the pool's thread. */
public interface SharedPrefill {
    /** How it went. */
    enum Outcome {
        /** It goes on. */
        UNDER_WAY,
        /** All of it can be matched on this node. */
        COMPUTED,
        /** A node didn't take part, or not to the end. What was computed until then can be matched as far as it's known where it lies. */
        FAILED
    }

    /** Returns how it went. */
    Outcome outcome();

    /** Returns how many tokens are computed together, not counting what was there before. */
    int tokens();

    /** Ends it: what was computed stays, and is no longer pinned for this. May be called again. */
    void release();
}
