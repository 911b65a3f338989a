package dev.kvasir.pool.tree;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The tokens of one segment as a map key: {@code tokens[from, to)}, compared token by token. Ordered, so that a hash map keeps
 * O(log n) even for a client who picks token ids with colliding hashes.
 */
final class SegmentKey implements Comparable<SegmentKey> {
    private final int[] tokens;
    private final int from;
    private final int to;
    private final int hash;

    /** A view: the caller's array must not change while the key is in use. */
    SegmentKey(int[] tokens, int from, int to) {
        this.tokens = tokens;
        this.from = from;
        this.to = to;
        int h = 1;
        for (int i = from; i < to; i++) {
            h = 31 * h + tokens[i];
        }
        this.hash = h;
    }

    /** Returns a key with its own copy of the tokens. */
    static SegmentKey copyOf(int[] tokens, int from, int to) {
        return new SegmentKey(Arrays.copyOfRange(tokens, from, to), 0, to - from);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SegmentKey key && Arrays.equals(tokens, from, to, key.tokens, key.from, key.to);
    }

    @Override
    public int compareTo(SegmentKey other) {
        return Arrays.compare(tokens, from, to, other.tokens, other.from, other.to);
    }
}
