package dev.kvasir.pool;

import java.util.Arrays;

/**
 * What a segment is, apart from its keys and values. Enough to index it again after a restart.
 *
 * @param root where its identity chain starts: model and tenant
 * @param parent identity of the segment before it; {@code root} for a first one
 * @param id its identity, {@code H(parent, tokens)}
 * @param tokens its token ids, {@code segmentTokens} of them; lent
 */
public record SegmentHeader(SegmentId root, SegmentId parent, SegmentId id, int[] tokens) {
    /** Returns the header of the segment that holds {@code tokens[from, to)} behind {@code parent}. */
    public static SegmentHeader next(SegmentId root, SegmentId parent, int[] tokens, int from, int to) {
        return new SegmentHeader(
                root, parent, SegmentIdentity.next(parent, tokens, from, to), Arrays.copyOfRange(tokens, from, to));
    }

    /** Returns whether the identity is that of the tokens; costs a digest. */
    public boolean isGenuine() {
        return SegmentIdentity.next(parent, tokens, 0, tokens.length).equals(id);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SegmentHeader header
                && id.equals(header.id)
                && parent.equals(header.parent)
                && root.equals(header.root)
                && Arrays.equals(tokens, header.tokens);
    }

    @Override
    public int hashCode() {
        return id.hashCode();
    }

    @Override
    public String toString() {
        return "segment " + id + " of " + tokens.length + " tokens";
    }
}
