package dev.kvasir.benchmarks.cluster;

import dev.kvasir.pool.SegmentId;

/**
 * A request.
 *
 * @param thinkSeconds from the answer before it, or from the session's start, to when it is sent
 * @param prompt how many of the segments are prompt; the others are its answer
 * @param contents a number for the content of each segment; not copied
 * @param ids the segments' identities; not copied
 * @param outputTokens that it generates
 */
record Turn(double thinkSeconds, int prompt, long[] contents, SegmentId[] ids, int outputTokens) {
    Turn {
        if (prompt < 1 || prompt > contents.length || ids.length != contents.length || outputTokens < 0) {
            throw new IllegalArgumentException("a prompt of " + prompt + " of " + contents.length + " segments");
        }
    }

    /** Returns the prompt's tokens: those of its segments and one more, so that all of them can be a hit. */
    int[] tokens() {
        return Chains.tokens(contents, prompt);
    }
}
