package dev.kvasir.pool.tree;

import dev.kvasir.pool.SegmentHeader;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SegmentIdentity;
import dev.kvasir.pool.SlotAddress;
import dev.kvasir.pool.eviction.Evictable;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A node of the prefix tree: whole segments in a row with no branch between them, or an empty root. Only its tree changes it,
 * and keeps the counts that this class doesn't.
 */
final class Run implements Evictable {
    private final int segmentTokens;
    private final SegmentId root; // where the identity chain of this run's tree starts

    private @Nullable Run parent; // null for a root
    private @Nullable Map<SegmentKey, Run> children; // by first segment; null for a leaf

    private int segments;
    private int[] tokens; // (>= segments * segmentTokens)
    private SegmentId[] ids; // (>= segments)
    private SlotAddress[] addresses; // (>= segments)

    int pins; // paths that end here or below
    long lastUse; // never later than the parent's
    int hits; // never more than the parent's
    boolean evictable; // the policy knows it

    private Run(
            int segmentTokens,
            SegmentId root,
            @Nullable Run parent,
            int[] tokens,
            SegmentId[] ids,
            SlotAddress[] addresses) {
        this.segmentTokens = segmentTokens;
        this.root = root;
        this.parent = parent;
        this.segments = ids.length;
        this.tokens = tokens;
        this.ids = ids;
        this.addresses = addresses;
    }

    static Run root(SegmentId root, int segmentTokens) {
        return new Run(segmentTokens, root, null, new int[0], new SegmentId[0], new SlotAddress[0]);
    }

    /** Adds a child that holds {@code tokens[from, from + ids.length * segmentTokens)}; the arrays of objects are handed over. */
    Run addChild(int[] tokens, int from, SegmentId[] ids, SlotAddress[] addresses) {
        int[] own = Arrays.copyOfRange(tokens, from, from + ids.length * segmentTokens);
        Run child = new Run(segmentTokens, root, this, own, ids, addresses);
        attach(child);
        return child;
    }

    /** Appends segments that hold {@code more[from, from + moreIds.length * segmentTokens)}. */
    void append(int[] more, int from, SegmentId[] moreIds, SlotAddress[] moreAddresses) {
        int grown = segments + moreIds.length;
        if (grown > ids.length) {
            int capacity = Math.max(grown, segments + segments / 2); // amortised O(1) per segment of a growing sequence
            tokens = Arrays.copyOf(tokens, capacity * segmentTokens);
            ids = Arrays.copyOf(ids, capacity);
            addresses = Arrays.copyOf(addresses, capacity);
        }
        System.arraycopy(more, from, tokens, segments * segmentTokens, moreIds.length * segmentTokens);
        System.arraycopy(moreIds, 0, ids, segments, moreIds.length);
        System.arraycopy(moreAddresses, 0, addresses, segments, moreIds.length);
        segments = grown;
    }

    /** Takes the last segment off and returns where it lay. */
    SlotAddress removeLast() {
        segments--;
        return addresses[segments];
    }

    /**
     * Moves the first {@code count} segments to a new run between this one and its parent. This one keeps its children and
     * its end, so that paths which end here needn't hear of it.
     *
     * @return the new run
     */
    Run splitAt(int count) {
        if (parent == null || count < 1 || count >= segments) {
            throw new IllegalStateException("a run of " + segments + " segments cannot split at " + count);
        }
        Run upper = new Run(
                segmentTokens,
                root,
                parent,
                Arrays.copyOf(tokens, count * segmentTokens),
                Arrays.copyOf(ids, count),
                Arrays.copyOf(addresses, count));
        upper.pins = pins;
        upper.lastUse = lastUse;
        upper.hits = hits;
        parent.attach(upper); // same first segment: takes this run's place

        tokens = Arrays.copyOfRange(tokens, count * segmentTokens, segments * segmentTokens);
        ids = Arrays.copyOfRange(ids, count, segments);
        addresses = Arrays.copyOfRange(addresses, count, segments);
        segments -= count;
        parent = upper;
        upper.attach(this);
        return upper;
    }

    private void attach(Run child) {
        if (children == null) {
            children = new HashMap<>(2);
        }
        children.put(SegmentKey.copyOf(child.tokens, 0, segmentTokens), child);
    }

    /** Forgets a child. */
    void detach(SegmentKey key) {
        if (children == null || children.remove(key) == null) {
            throw new IllegalStateException("the run is not a child of its parent");
        }
        if (children.isEmpty()) {
            children = null;
        }
    }

    /** Returns the key under which its parent knows it; valid for as long as its first segment was not overwritten. */
    SegmentKey key() {
        return new SegmentKey(tokens, 0, segmentTokens);
    }

    /** Returns the child whose first segment is {@code tokens[from, from + segmentTokens)}, null if there is none. */
    @Nullable
    Run child(int[] tokens, int from) {
        return children == null ? null : children.get(new SegmentKey(tokens, from, from + segmentTokens));
    }

    /** Returns how many of this run's first {@code limit} segments hold {@code other[from ..]}. */
    int common(int[] other, int from, int limit) {
        int length = Math.min(segments, limit) * segmentTokens;
        int mismatch = Arrays.mismatch(tokens, 0, length, other, from, from + length);
        return (mismatch < 0 ? length : mismatch) / segmentTokens;
    }

    Collection<Run> children() {
        return children == null ? List.of() : children.values();
    }

    boolean isLeaf() {
        return children == null;
    }

    boolean isRoot() {
        return parent == null;
    }

    @Nullable
    Run parent() {
        return parent;
    }

    SegmentId root() {
        return root;
    }

    @Override
    public int segments() {
        return segments;
    }

    SegmentId id(int index) {
        return ids[index];
    }

    /** Returns the identity of the segment before one, or where the chain starts. */
    SegmentId before(int index) {
        return index > 0 ? ids[index - 1] : parent == null ? root : parent.lastId();
    }

    SegmentHeader header(int index) {
        return new SegmentHeader(
                root,
                before(index),
                ids[index],
                Arrays.copyOfRange(tokens, index * segmentTokens, (index + 1) * segmentTokens));
    }

    SlotAddress address(int index) {
        return addresses[index];
    }

    /** Returns the identity of its last segment, or where the chain starts. */
    SegmentId lastId() {
        return segments == 0 ? root : ids[segments - 1];
    }

    /** Returns its tokens, of which the first {@code segments * segmentTokens} count; not a copy. */
    int[] tokens() {
        return tokens;
    }

    /** Copies identities and addresses so that they end before {@code end}. */
    void copyTo(SegmentId[] toIds, SlotAddress[] toAddresses, int end) {
        System.arraycopy(ids, 0, toIds, end - segments, segments);
        System.arraycopy(addresses, 0, toAddresses, end - segments, segments);
    }

    @Override
    public long lastUse() {
        return lastUse;
    }

    @Override
    public int hits() {
        return hits;
    }

    @Override
    public long tenant() {
        return SegmentIdentity.tenant(root);
    }

    @Override
    public long content() {
        // Of its first segment: the last one changes as it is trimmed.
        return ids[0].w0();
    }
}
