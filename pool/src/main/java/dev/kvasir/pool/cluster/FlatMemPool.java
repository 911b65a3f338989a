package dev.kvasir.pool.cluster;

import dev.kvasir.pool.ForwardingMemPool;
import dev.kvasir.pool.MemPool;
import dev.kvasir.pool.Move;
import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SlotAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A node's pool in which a segment can be kept without those before it: they may lie on other nodes. All else is the pool as it was, but that a report's
 * prefixes are single segments.
 */
public final class FlatMemPool extends ForwardingMemPool {
    /*
     * An identity stands for the whole prefix, so whoever has the parent's identity and the segment's own tokens can name the segment. The pool below
     * keeps each segment as a prefix of one segment whose root is the parent's identity: its tree has as many roots as segments, and every segment
     * is a leaf, which can be evicted or deleted whatever lies behind it.
     *
     * Leaves first, all the same: a chain is released from its end, so that under LRU the parent was used later than its child.
     *
     * A match costs a look-up in a hash table per segment and no digest (1 us for 64 tokens), where the tree compares whole runs at once.
     */
    private final MemPool pool;
    private final int segmentTokens;

    /** Puts it on top of an empty pool, which is used through this one only from now on. */
    public FlatMemPool(MemPool pool) {
        super(pool);
        this.pool = pool;
        segmentTokens = pool.layout().segmentTokens();
    }

    @Override
    public PinnedPrefix match(SegmentId root, int[] tokens, int length) {
        return find(root, new Chain(tokens, length, segmentTokens), true);
    }

    @Override
    public PinnedPrefix pin(SegmentId root, int[] tokens, int length) {
        return find(root, new Chain(tokens, length, segmentTokens), false);
    }

    private FlatPrefix find(SegmentId root, Chain chain, boolean isHit) {
        List<PinnedPrefix> parts = new ArrayList<>();
        PinnedPrefix miss = null;
        SegmentId parent = root;
        while (parts.size() < chain.segments() && miss == null) {
            int[] own = chain.matchable(parts.size());
            PinnedPrefix part = isHit ? pool.match(parent, own, own.length) : pool.pin(parent, own, own.length);
            if (part.segments() == 1) {
                parts.add(part);
                parent = part.id(0);
            } else {
                miss = isHit ? missed(part, parent, chain, parts.size()) : part;
            }
        }
        return new FlatPrefix(this, root, segmentTokens, parts, miss);
    }

    /** Has all segments counted that weren't found, not only the first of them. */
    private PinnedPrefix missed(PinnedPrefix first, SegmentId parent, Chain chain, int index) {
        pool.giveUp(first);
        int[] rest = chain.matchableFrom(index);
        return pool.match(parent, rest, rest.length);
    }

    private void releaseMiss(FlatPrefix prefix) {
        if (prefix.miss != null) {
            pool.release(prefix.miss);
        }
    }

    /** {@inheritDoc} Costs a digest for each segment that is there. */
    @Override
    public int matchedTokens(SegmentId root, int[] tokens, int length) {
        Chain chain = new Chain(tokens, length, segmentTokens);
        SegmentId parent = root;
        int matched = 0;
        while (matched < chain.segments()
                && pool.matchedTokens(parent, chain.matchable(matched), chain.matchableTokens()) > 0) {
            parent = chain.id(parent, matched);
            matched++;
        }
        return matched * segmentTokens;
    }

    @Override
    public PinnedPrefix insert(PinnedPrefix prefix, int[] tokens, List<SlotAddress> addresses) {
        int before = prefix.segments();
        if (tokens.length < (long) (before + addresses.size()) * segmentTokens) {
            throw new IllegalArgumentException(before + addresses.size() + " segments of " + segmentTokens
                    + " tokens don't have " + tokens.length + " tokens");
        }
        FlatPrefix old = FlatPrefix.end(this, prefix);
        releaseMiss(old);
        List<PinnedPrefix> parts = old.parts;
        SegmentId parent = old.lastId();
        for (int i = 0; i < addresses.size(); i++) {
            int from = (before + i) * segmentTokens;
            int[] own = Arrays.copyOfRange(tokens, from, from + segmentTokens);
            PinnedPrefix empty = pool.pin(parent, own, 0);
            PinnedPrefix part = pool.insert(empty, own, List.of(addresses.get(i)));
            parts.add(part);
            parent = part.id(0);
        }
        return new FlatPrefix(this, old.root(), segmentTokens, parts, null);
    }

    @Override
    public void release(PinnedPrefix prefix) {
        FlatPrefix old = FlatPrefix.end(this, prefix);
        releaseMiss(old);
        for (int i = old.parts.size() - 1; i >= 0; i--) {
            pool.release(old.parts.get(i));
        }
    }

    @Override
    public void giveUp(PinnedPrefix prefix) {
        FlatPrefix old = FlatPrefix.end(this, prefix);
        if (old.miss != null) {
            pool.giveUp(old.miss);
        }
        for (int i = old.parts.size() - 1; i >= 0; i--) {
            pool.giveUp(old.parts.get(i));
        }
    }

    /** {@inheritDoc} What continues these tokens stays: it can't be matched without them, and goes when it's the least valuable. */
    @Override
    public int delete(SegmentId root, int[] tokens) {
        int segments = tokens.length / segmentTokens;
        Chain chain = new Chain(tokens, tokens.length, segmentTokens);
        SegmentId parent = root;
        int freed = 0;
        for (int i = 0; i < segments; i++) {
            freed += pool.delete(parent, chain.tokens(i, i + 1));
            parent = chain.id(parent, i);
        }
        return freed;
    }

    @Override
    public Move swapIn(SegmentId root, int[] tokens, int length, double computeNanos) {
        Chain chain = new Chain(tokens, length, segmentTokens);
        List<Move> moves = new ArrayList<>();
        SegmentId parent = root;
        boolean any = false;
        for (int i = 0; i < chain.segments(); i++) {
            int[] own = chain.matchable(i);
            boolean here = pool.matchedTokens(parent, own, own.length) > 0;
            Move move = pool.swapIn(parent, own, own.length, computeNanos);
            moves.add(move);
            boolean comes = !move.isDone() || move.segments() > 0 || move.left() > 0;
            if (!here && !comes) {
                break;
            }
            any |= comes;
            parent = chain.id(parent, i);
        }
        if (!any) {
            moves.forEach(Move::release);
            return Move.NONE;
        }
        return new Moves(moves);
    }
}
