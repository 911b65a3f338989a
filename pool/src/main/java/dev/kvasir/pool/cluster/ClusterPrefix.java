package dev.kvasir.pool.cluster;

import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SlotAddress;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.loan.LentSegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A chain of segments of which each is pinned here or on loan. */
final class ClusterPrefix implements PinnedPrefix {
    /** A segment: one of the two is there. */
    record Part(
            SegmentId id,
            @Nullable PinnedPrefix here,
            @Nullable LentSegment lent) {}

    private final ClusterMemPool pool;
    private final SegmentId root;
    private final int segmentTokens;
    private final List<Part> parts = new ArrayList<>();
    private final List<PinnedPrefix> misses = new ArrayList<>(); // look-ups of no segment: what isn't here
    private boolean dead;

    ClusterPrefix(ClusterMemPool pool, SegmentId root, int segmentTokens) {
        this.pool = pool;
        this.root = root;
        this.segmentTokens = segmentTokens;
    }

    /** Ends it; only its pool's own live ones can end. */
    static ClusterPrefix end(ClusterMemPool pool, PinnedPrefix prefix) {
        ClusterPrefix own = of(pool, prefix);
        own.dead = true;
        return own;
    }

    static ClusterPrefix of(ClusterMemPool pool, PinnedPrefix prefix) {
        if (!(prefix instanceof ClusterPrefix own) || own.pool != pool) {
            throw new IllegalArgumentException("the prefix is not one of this pool: " + prefix);
        }
        own.checkAlive();
        return own;
    }

    private void checkAlive() {
        if (dead) {
            throw new IllegalStateException("a prefix of " + parts.size() + " segments was used after its end");
        }
    }

    void add(Part part) {
        parts.add(part);
    }

    List<Part> parts() {
        return parts;
    }

    void addMiss(PinnedPrefix empty) {
        misses.add(empty);
    }

    List<PinnedPrefix> misses() {
        return misses;
    }

    /** Returns the identity of its last segment, or its root. */
    SegmentId lastId() {
        return parts.isEmpty() ? root : parts.get(parts.size() - 1).id;
    }

    /** Returns a live one with the same segments. */
    ClusterPrefix successor() {
        ClusterPrefix next = new ClusterPrefix(pool, root, segmentTokens);
        next.parts.addAll(parts);
        return next;
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
        Part part = parts.get(index);
        if (part.here != null) {
            return part.here.address(0);
        }
        LentSegment lent = lent(part);
        return new SlotAddress(lent.place().node(), Tier.DEVICE, lent.place().slot());
    }

    @Override
    public SegmentId id(int index) {
        checkAlive();
        return parts.get(index).id;
    }

    @Override
    public int reference(int index) {
        checkAlive();
        Part part = parts.get(index);
        return part.here != null ? part.here.address(0).slot() : lent(part).reference();
    }

    @Override
    public boolean isIntact() {
        checkAlive();
        for (Part part : parts) {
            if (part.lent != null && part.lent.isLost()) {
                return false;
            }
        }
        return true;
    }

    private static LentSegment lent(Part part) {
        if (part.lent == null) {
            throw new IllegalStateException("segment " + part.id + " is nowhere");
        }
        return part.lent;
    }
}
