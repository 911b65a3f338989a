package dev.kvasir.pool.cluster;

import dev.kvasir.pool.Directory;
import dev.kvasir.pool.MemPool;
import dev.kvasir.pool.Move;
import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.ReadPlan;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.cluster.ClusterPrefix.Part;
import dev.kvasir.pool.loan.LentSegment;
import dev.kvasir.pool.loan.LoanMessage.Send;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Brings near what a waiting prompt needs: from this node's lower tiers, on loan from other nodes, or as copies of what these hold. */
final class Bringing {
    /** What a node has got becomes known to others within some batches of the directory. */
    private static final long RETRY_NANOS = 40_000_000;
    /** Copies that haven't come by then are done without. */
    private static final long FETCH_NANOS = 2_000_000_000;

    private final MemPool pool;
    private final Directory directory;
    private final LoanOffice loans;
    private final Copies copies;
    private final ReadPolicy reads;
    private final LongSupplier nanoTime;
    private final int segmentTokens;
    private final List<ClusterMove> moves = new ArrayList<>(); // not released yet
    private final long[] planned = new long[2]; // holders asked for loans, for copies

    Bringing(
            MemPool pool,
            Directory directory,
            LoanOffice loans,
            Copies copies,
            ReadPolicy reads,
            LongSupplier nanoTime) {
        this.pool = pool;
        this.directory = directory;
        this.loans = loans;
        this.copies = copies;
        this.reads = reads;
        this.nanoTime = nanoTime;
        segmentTokens = pool.layout().segmentTokens();
    }

    /** Returns how many holders were asked for loans so far. */
    long asked() {
        return planned[0];
    }

    /** Returns how many holders were asked for copies so far. */
    long fetched() {
        return planned[1];
    }

    /** Begins to bring what there is of a prompt. */
    Move begin(SegmentId root, Chain chain, double computeNanos) {
        ClusterMove move = new ClusterMove(this, root, chain, computeNanos, segmentTokens);
        look(move);
        return begun(move);
    }

    /** Begins to bring copies of what a prefix has on loan, from those holders of whom that's faster than to query them. */
    Move copies(ClusterPrefix prefix, Chain chain) {
        List<Part> parts = prefix.parts();
        ClusterMove move = new ClusterMove(this, prefix.root(), chain, 0, segmentTokens);
        move.look(nanoTime.getAsLong());
        Map<Integer, Wanted> wanted = new LinkedHashMap<>(); // by holder
        for (int i = 0; i < parts.size(); i++) {
            LentSegment lent = parts.get(i).lent();
            if (lent != null && !lent.isLost()) {
                SegmentId parent = i == 0 ? prefix.root() : parts.get(i - 1).id();
                int first = i;
                wanted.computeIfAbsent(lent.place().node(), node -> new Wanted(parent, first))
                        .add(i, parts.get(i).id());
            }
        }
        wanted.forEach((holder, segments) -> fetch(move, holder, segments));
        return begun(move);
    }

    private Move begun(ClusterMove move) {
        if (move.isIdle()) {
            move.release();
            return Move.NONE;
        }
        moves.add(move);
        return move;
    }

    /** Walks along a prompt, brings what lower tiers have of it, and asks other nodes for what these have. */
    private void look(ClusterMove move) {
        move.look(nanoTime.getAsLong());
        Chain chain = move.chain;
        Map<Integer, Wanted> wanted = new LinkedHashMap<>(); // by holder
        SegmentId parent = move.root;
        for (int i = 0; i < chain.segments(); i++) {
            SegmentId held = move.held(i);
            SegmentId id = held != null ? held : bring(move, parent, i, wanted);
            if (id == null) {
                break;
            }
            parent = id;
        }
        wanted.forEach((holder, segments) -> {
            if (fetch(move, holder, segments)) {
                return;
            }
            move.asks();
            loans.borrower()
                    .ask(
                            holder,
                            segments.parent,
                            chain.tokens(segments.first, segments.last() + 1),
                            segments.indices(),
                            segments.ids(),
                            lent -> move.onLent(segments, lent));
        });
    }

    /** Asks a holder for copies, if that's faster than to query it. Returns whether it was asked. */
    private boolean fetch(ClusterMove move, int holder, Wanted segments) {
        ReadPlan plan = reads.plan(
                holder,
                segments.size(),
                move.chain.tokens() - (segments.last() + 1) * segmentTokens,
                pool.usage(Tier.DEVICE).free());
        boolean fetch = plan.way() == ReadPlan.Way.FETCH
                && move.mayFetch()
                && loans.fetch(
                        holder,
                        new Send(
                                segments.parent,
                                move.chain.tokens(segments.first, segments.last() + 1),
                                segments.indices()));
        planned[fetch ? 1 : 0]++;
        if (fetch) {
            List.of(segments.ids()).forEach(copies::fetch);
            move.fetches(segments);
        }
        return fetch;
    }

    /** Has one segment held, loaded or asked for; returns its identity, null if nobody is known to have it. */
    private @Nullable SegmentId bring(ClusterMove move, SegmentId parent, int index, Map<Integer, Wanted> wanted) {
        int[] own = move.chain.matchable(index);
        PinnedPrefix part = pool.pin(parent, own, own.length);
        if (part.segments() == 1) {
            move.hold(index, part);
            return part.id(0);
        }
        pool.release(part);
        SegmentId id = move.chain.id(parent, index);
        LentSegment lent = loans.borrower().find(id);
        if (lent != null) {
            use(lent);
            move.hold(index, lent);
            return id;
        }
        Move load = pool.swapIn(parent, own, own.length, move.computeNanos);
        if (!load.isDone() || load.segments() > 0 || load.left() > 0) {
            move.hold(index, id, load);
            return id;
        }
        load.release();
        int holder = holder(directory.holders(id), wanted);
        if (holder == 0) {
            return null;
        }
        wanted.computeIfAbsent(holder, node -> new Wanted(parent, index)).add(index, id);
        return id;
    }

    /** Looks again for what others didn't have any more when they were asked. */
    void lookAgain() {
        long now = nanoTime.getAsLong();
        for (Iterator<ClusterMove> each = moves.iterator(); each.hasNext(); ) {
            ClusterMove move = each.next();
            if (move.isReleased()) {
                each.remove();
            } else if (move.isToLook(copies::isHere, now, RETRY_NANOS, FETCH_NANOS)) {
                look(move);
            }
        }
    }

    /** Returns whom to ask, 0 if there is nobody: one who is asked anyway if it can be, since each adds a partial result to every layer. */
    private int holder(List<Directory.Holding> holders, Map<Integer, Wanted> wanted) {
        int first = 0;
        for (Directory.Holding holding : holders) {
            int node = holding.node();
            Wanted of = wanted.get(node);
            if (of != null && of.size() < loans.borrower().mostSegments()) {
                return node;
            }
            if (of == null && first == 0 && loans.isReachable(node)) {
                first = node;
            }
        }
        return first;
    }

    void use(LentSegment segment) {
        loans.borrower().use(segment);
    }

    void leave(LentSegment segment) {
        loans.borrower().leave(segment);
    }

    void endFetch(SegmentId id) {
        copies.endFetch(id);
    }

    void unpin(PinnedPrefix part) {
        pool.release(part);
        copies.relocations().onReleased();
    }
}
