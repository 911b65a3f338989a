package dev.kvasir.pool.cluster;

import dev.kvasir.pool.Move;
import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.loan.LentSegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What is brought near for one waiting prompt: from this node's lower tiers, and on loan from other nodes. */
final class ClusterMove implements Move {
    /*
     * A holder may have given a segment up since the directory said that it had it: evicted it, or sent it to another home, of which the directory will say
     * in a moment. So what was asked for and not lent is looked for again, a few times.
     */
    private static final int MOST_TRIES = 5;

    /** What keeps a segment near: one of the three is there. */
    private record Hold(
            SegmentId id,
            @Nullable PinnedPrefix here,
            @Nullable Move load,
            @Nullable LentSegment lent) {
        boolean isGone() {
            return lent != null && lent.isLost();
        }
    }

    final SegmentId root;
    final Chain chain;
    final double computeNanos;
    private final Bringing bringing;
    private final int segmentTokens;
    private final List<@Nullable Hold> holds = new ArrayList<>(); // by index in the chain
    private int asked; // requests that have no answer yet
    private boolean lacks; // something was asked for and not lent
    private final Set<SegmentId> fetching = new HashSet<>(); // copies that are on their way, maybe
    private final List<SegmentId> copies = new ArrayList<>(); // that were asked for
    private boolean fetched; // in vain: no more copies are asked for
    private int tries;
    long triedNanos;
    private boolean released;

    ClusterMove(Bringing bringing, SegmentId root, Chain chain, double computeNanos, int segmentTokens) {
        this.bringing = bringing;
        this.root = root;
        this.chain = chain;
        this.computeNanos = computeNanos;
        this.segmentTokens = segmentTokens;
    }

    /** Begins another look, during which the holds so far stay. */
    void look(long nowNanos) {
        tries++;
        triedNanos = nowNanos;
        lacks = false;
    }

    /** Returns the identity of a segment that is held, null if it isn't. */
    @Nullable
    SegmentId held(int index) {
        Hold hold = index < holds.size() ? holds.get(index) : null;
        return hold == null || hold.isGone() ? null : hold.id;
    }

    /** Takes a pin over. */
    void hold(int index, PinnedPrefix pinned) {
        set(index, new Hold(pinned.id(0), pinned, null, null));
    }

    /** Takes a load over. */
    void hold(int index, SegmentId id, Move load) {
        set(index, new Hold(id, null, load, null));
    }

    /** Takes a use of the segment over. */
    void hold(int index, LentSegment segment) {
        set(index, new Hold(segment.id(), null, null, segment));
    }

    private void set(int index, Hold hold) {
        while (holds.size() <= index) {
            holds.add(null);
        }
        Hold old = holds.set(index, hold);
        if (old != null) {
            end(old);
        }
    }

    void asks() {
        asked++;
    }

    /** Takes what was lent of what was asked for; {@code indices} says where in the chain each asked one is. */
    void onLent(Wanted wanted, List<LentSegment> segments) {
        asked--;
        if (released) {
            return;
        }
        lacks |= segments.size() < wanted.size();
        for (LentSegment segment : segments) {
            bringing.use(segment);
            hold(wanted.indexOf(segment.id()), segment);
        }
    }

    /** Copies of segments were asked for. */
    void fetches(Wanted wanted) {
        fetching.addAll(List.of(wanted.ids()));
        copies.addAll(List.of(wanted.ids()));
    }

    /** Returns whether copies may be asked for. */
    boolean mayFetch() {
        return !fetched;
    }

    /** Returns whether it's to be looked again for what is lacking. */
    boolean isUnsettled() {
        return !released && asked == 0 && (!fetching.isEmpty() || (lacks && tries < MOST_TRIES));
    }

    /**
     * Returns whether now is the time for it.
     *
     * @param isHere whether a copy has come
     */
    boolean isToLook(Predicate<SegmentId> isHere, long nowNanos, long retryNanos, long fetchNanos) {
        if (!isUnsettled()) {
            return false;
        }
        if (fetching.isEmpty()) {
            return nowNanos - triedNanos >= retryNanos;
        }
        boolean late = nowNanos - triedNanos >= fetchNanos;
        if (late || fetching.stream().allMatch(isHere)) {
            fetching.clear();
            fetched |= late;
            return true;
        }
        return false;
    }

    boolean isReleased() {
        return released;
    }

    /** Returns whether it brings nothing. */
    boolean isIdle() {
        return asked == 0 && fetching.isEmpty() && holds.stream().allMatch(hold -> hold == null || hold.here != null);
    }

    @Override
    public boolean isDone() {
        return asked == 0
                && !isUnsettled()
                && holds.stream().allMatch(hold -> hold == null || hold.load == null || hold.load.isDone());
    }

    @Override
    public int segments() {
        int count = 0;
        for (Hold hold : holds) {
            count += hold == null || hold.here != null ? 0 : hold.load == null ? 1 : hold.load.segments();
        }
        return count;
    }

    @Override
    public int tokensFrom(Tier tier) {
        int count = 0;
        for (Hold hold : holds) {
            if (hold != null && hold.load != null) {
                count += hold.load.tokensFrom(tier);
            } else if (hold != null && hold.lent != null && tier == Tier.REMOTE) {
                count += segmentTokens;
            }
        }
        return count;
    }

    @Override
    public int left() {
        int count = 0;
        for (Hold hold : holds) {
            count += hold == null || hold.load == null ? 0 : hold.load.left();
        }
        return count;
    }

    @Override
    public int underWay() {
        int count = 0;
        for (Hold hold : holds) {
            count += hold == null || hold.load == null ? 0 : hold.load.underWay();
        }
        return count;
    }

    @Override
    public void release() {
        if (released) {
            return;
        }
        released = true;
        // The deepest first, so that what others continue was used last.
        for (int i = holds.size() - 1; i >= 0; i--) {
            Hold hold = holds.get(i);
            if (hold != null) {
                end(hold);
            }
        }
        holds.clear();
        copies.forEach(bringing::endFetch);
    }

    private void end(Hold hold) {
        if (hold.here != null) {
            bringing.unpin(hold.here);
        } else if (hold.load != null) {
            hold.load.release();
        } else if (hold.lent != null) {
            bringing.leave(hold.lent);
        }
    }
}
