package dev.kvasir.pool.cluster;

import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SegmentIdentity;
import java.util.Arrays;

/** The segments of a sequence of tokens, one by one. */
final class Chain {
    private final int[] tokens;
    private final int length;
    private final int segmentTokens;
    private final int segments; // that a match may cover: the last token is never matched

    /**
     * @param length how many tokens count
     * @throws IllegalArgumentException if there aren't so many
     */
    Chain(int[] tokens, int length, int segmentTokens) {
        if (length < 0 || length > tokens.length) {
            throw new IllegalArgumentException("cannot match " + length + " of " + tokens.length + " tokens");
        }
        this.tokens = tokens;
        this.length = length;
        this.segmentTokens = segmentTokens;
        segments = Math.max(0, length - 1) / segmentTokens;
    }

    /** Returns how many tokens there are. */
    int tokens() {
        return length;
    }

    /** Returns how many segments a match may cover. */
    int segments() {
        return segments;
    }

    /** Returns a segment's tokens and one more, so that a match of all of them covers the segment. */
    int[] matchable(int index) {
        int from = index * segmentTokens;
        return Arrays.copyOfRange(tokens, from, from + segmentTokens + 1);
    }

    /** Returns the tokens of a segment and of all behind it, and one more. */
    int[] matchableFrom(int index) {
        return Arrays.copyOfRange(tokens, index * segmentTokens, segments * segmentTokens + 1);
    }

    /** Returns how many tokens {@link #matchable} has. */
    int matchableTokens() {
        return segmentTokens + 1;
    }

    /** Returns the tokens of segments {@code [from, to)}. */
    int[] tokens(int from, int to) {
        return Arrays.copyOfRange(tokens, from * segmentTokens, to * segmentTokens);
    }

    /** Returns a segment's identity; costs a digest. */
    SegmentId id(SegmentId parent, int index) {
        return SegmentIdentity.next(parent, tokens, index * segmentTokens, (index + 1) * segmentTokens);
    }
}
