package dev.kvasir.pool.tree;

import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SlotAddress;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A reader's pinned path from a root to the end of one run. Splits above its end don't concern it: it has its own table. */
public final class PinnedPath implements PinnedPrefix {
    /** In place of how many segments were asked for: a path that was grown. */
    static final int GROWN = -1;

    private final PrefixTree tree;
    private final Run end;
    private final int segmentTokens;
    private final int segments;
    private final SegmentId[] ids; // (>= segments)
    private final SlotAddress[] addresses; // (>= segments)
    private final int asked; // segments that the match could have found, or GROWN
    private @Nullable String death; // what ended it, null while it lives

    PinnedPath(
            PrefixTree tree,
            Run end,
            int segmentTokens,
            int segments,
            SegmentId[] ids,
            SlotAddress[] addresses,
            int asked) {
        this.tree = tree;
        this.end = end;
        this.segmentTokens = segmentTokens;
        this.segments = segments;
        this.ids = ids;
        this.addresses = addresses;
        this.asked = asked;
    }

    @Override
    public SegmentId root() {
        return end.root();
    }

    @Override
    public int segments() {
        checkAlive();
        return segments;
    }

    @Override
    public int tokens() {
        checkAlive();
        return segments * segmentTokens;
    }

    @Override
    public SlotAddress address(int index) {
        checkIndex(index);
        return addresses[index];
    }

    @Override
    public SegmentId id(int index) {
        checkIndex(index);
        return ids[index];
    }

    PrefixTree tree() {
        return tree;
    }

    Run end() {
        return end;
    }

    /** Returns how many segments the match that found it could have found. */
    int asked() {
        if (asked == GROWN) {
            throw new IllegalStateException("a prefix of " + segments + " segments was grown and can't be given up");
        }
        return asked;
    }

    /** Returns its identities, with room for {@code count} segments. */
    SegmentId[] idsFor(int count) {
        return count <= ids.length ? ids : Arrays.copyOf(ids, Math.max(count, segments + segments / 2));
    }

    /** Returns its addresses, with room for {@code count} segments. */
    SlotAddress[] addressesFor(int count) {
        return count <= addresses.length
                ? addresses
                : Arrays.copyOf(addresses, Math.max(count, segments + segments / 2));
    }

    void checkAlive() {
        if (death != null) {
            throw new IllegalStateException("a prefix of " + segments + " segments was used after it was " + death);
        }
    }

    void kill(String how) {
        death = how;
    }

    private void checkIndex(int index) {
        checkAlive();
        if (index < 0 || index >= segments) {
            throw new IndexOutOfBoundsException("a prefix of " + segments + " segments has no segment " + index);
        }
    }

    @Override
    public String toString() {
        return "prefix of " + segments + " segments" + (death == null ? "" : ", " + death);
    }
}
