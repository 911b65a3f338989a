package dev.kvasir.pool.cluster;

import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SlotAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A chain of segments that are pinned one by one. */
final class FlatPrefix implements PinnedPrefix {
    private final FlatMemPool pool;
    private final SegmentId root;
    private final int segmentTokens;
    final List<PinnedPrefix> parts; // one segment each
    /** The look-up that found no more, of no segment; null if there was none. */
    final @Nullable PinnedPrefix miss;

    private boolean dead;

    /** Takes the list over. */
    FlatPrefix(
            FlatMemPool pool,
            SegmentId root,
            int segmentTokens,
            List<PinnedPrefix> parts,
            @Nullable PinnedPrefix miss) {
        this.miss = miss;
        this.pool = pool;
        this.root = root;
        this.segmentTokens = segmentTokens;
        this.parts = parts;
    }

    /** Ends it; only its pool's own live ones can end. */
    static FlatPrefix end(FlatMemPool pool, PinnedPrefix prefix) {
        if (!(prefix instanceof FlatPrefix flat) || flat.pool != pool) {
            throw new IllegalArgumentException("the prefix is not one of this pool: " + prefix);
        }
        flat.checkAlive();
        flat.dead = true;
        return flat;
    }

    private void checkAlive() {
        if (dead) {
            throw new IllegalStateException("a prefix of " + parts.size() + " segments was used after its end");
        }
    }

    /** Returns the identity of its last segment, or its root. */
    SegmentId lastId() {
        return parts.isEmpty() ? root : parts.get(parts.size() - 1).id(0);
    }

    @Override
    public SegmentId root() {
        return root;
    }

    @Override
    public int segments() {
        checkAlive();
        return parts.size();
    }

    @Override
    public int tokens() {
        return segments() * segmentTokens;
    }

    @Override
    public SlotAddress address(int index) {
        checkAlive();
        return parts.get(index).address(0);
    }

    @Override
    public SegmentId id(int index) {
        checkAlive();
        return parts.get(index).id(0);
    }
}
