package dev.kvasir.pool.cluster;

import dev.kvasir.pool.Borrowed;
import dev.kvasir.pool.Directory;
import dev.kvasir.pool.ForwardingMemPool;
import dev.kvasir.pool.LoanDesk;
import dev.kvasir.pool.MemPool;
import dev.kvasir.pool.Move;
import dev.kvasir.pool.NodeStatus;
import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.Placement;
import dev.kvasir.pool.Refusal;
import dev.kvasir.pool.SegmentHeader;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SlotAddress;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.Transfer;
import dev.kvasir.pool.TransferId;
import dev.kvasir.pool.cluster.ClusterPrefix.Part;
import dev.kvasir.pool.group.GroupOffice;
import dev.kvasir.pool.group.GroupPool;
import dev.kvasir.pool.loan.Borrower;
import dev.kvasir.pool.loan.Lender;
import dev.kvasir.pool.loan.LentSegment;
import dev.kvasir.pool.loan.LoanMessage.Send;
import dev.kvasir.pool.local.Residence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One node's view of the pool of all nodes. A prefix is found wherever its segments lie: here, or on loan from another node, from where {@link #swapIn}
 * borrows what a waiting prompt needs.
 */
public final class ClusterMemPool extends ForwardingMemPool implements GroupPool, AutoCloseable {
    /*
     * What is here is matched at once. What isn't is asked for while the request waits, as with lower tiers: the directory names a holder, the holder lends
     * what it still has. A step never waits for either. What was lent in time is matched, the rest is computed.
     *
     * A segment that was computed here is told to the directory when it's sealed, and placement says on which node it is to stay: it's sent there, and given
     * up here when nobody reads it any more. Where two nodes have computed the same, one of them drops it.
     *
     * Everything that others say is a hint. A segment on loan that is lost makes the prefixes with it not intact: their sequences begin again from what is left.
     */
    private static final long REPORT_NANOS = 200_000_000;

    private final MemPool pool;
    private final Directory directory;
    private final LoanOffice loans;
    private final int segmentTokens;

    private final Copies copies;
    private final Placement placement;
    private final Bringing bringing;
    private final Supplier<NodeStatus> status;
    private final LongSupplier nanoTime;
    private long reportedNanos;
    private boolean closed;
    private @Nullable GroupOffice groups;

    /**
     * Puts it on top of a node's pool, which is used through this one only from now on.
     *
     * @param pool one in which each segment can be pinned by its parent and its own tokens, {@link FlatMemPool} or on top of it
     * @param placement makes what decides where segments lie, given what is here
     * @param reads how what others hold is read
     * @param status how this node is
     */
    public ClusterMemPool(
            MemPool pool,
            Directory directory,
            LoanOffice loans,
            Function<Placement.OwnCopies, Placement> placement,
            ReadPolicy reads,
            Supplier<NodeStatus> status,
            LongSupplier nanoTime) {
        super(pool);
        this.status = status;
        this.nanoTime = nanoTime;
        this.pool = pool;
        this.directory = directory;
        this.loans = loans;
        segmentTokens = pool.layout().segmentTokens();
        copies = new Copies(pool, directory, loans::announceReplica);
        this.placement = placement.apply(copies);
        bringing = new Bringing(pool, directory, loans, copies, reads, nanoTime);
        loans.onRead(id -> {
            this.placement.onRead(id, segmentTokens);
            copies.onUsed(id);
        });
        loans.onReplica(copies::expect);
        loans.onSend(this::send);
        loans.onUnpinned(copies.relocations()::onReleased);
        reportedNanos = nanoTime.getAsLong() - REPORT_NANOS;
    }

    /** Has prompts computed together with other nodes. Once. */
    public void attach(GroupOffice office) {
        groups = office;
    }

    /** Returns what this node lends, as groups need it. */
    public Lender lender() {
        return loans.lender();
    }

    /** Returns what is lent to this node, as groups need it. */
    public Borrower borrower() {
        return loans.borrower();
    }

    /** Returns what hears of the segments that come to the device and leave it; to be given to the pool below everything. */
    public Residence residence() {
        return new Residence() {
            @Override
            public void onHere(SegmentHeader segment) {
                copies.onHere(segment);
            }

            @Override
            public void onGone(SegmentId segment) {
                copies.onGone(segment);
            }
        };
    }

    /** Returns what this node has on loan. */
    public Borrowed borrowed() {
        return loans.borrower();
    }

    /** Returns what this node lends. */
    public LoanDesk desk() {
        return loans.lender();
    }

    @Override
    public PinnedPrefix match(SegmentId root, int[] tokens, int length) {
        return find(root, new Chain(tokens, length, segmentTokens), true);
    }

    @Override
    public PinnedPrefix pin(SegmentId root, int[] tokens, int length) {
        return find(root, new Chain(tokens, length, segmentTokens), false);
    }

    private ClusterPrefix find(SegmentId root, Chain chain, boolean isHit) {
        ClusterPrefix prefix = new ClusterPrefix(this, root, segmentTokens);
        for (int i = 0; i < chain.segments(); i++) {
            SegmentId parent = prefix.lastId();
            int[] own = chain.matchable(i);
            PinnedPrefix part = isHit ? pool.match(parent, own, own.length) : pool.pin(parent, own, own.length);
            if (part.segments() == 1) {
                SegmentId found = part.id(0);
                prefix.add(new Part(found, part, null));
                if (isHit) {
                    placement.onRead(found, segmentTokens);
                    copies.onUsed(found);
                }
                continue;
            }
            SegmentId id = chain.id(parent, i);
            LentSegment lent = loans.borrower().find(id);
            if (lent == null) {
                prefix.addMiss(isHit ? missed(part, parent, chain, i) : part);
                break;
            }
            prefix.addMiss(part);
            use(lent);
            prefix.add(new Part(id, null, lent));
        }
        return prefix;
    }

    /** Has all segments counted that weren't found, not only the first of them. */
    private PinnedPrefix missed(PinnedPrefix first, SegmentId parent, Chain chain, int index) {
        pool.giveUp(first);
        int[] rest = chain.matchableFrom(index);
        return pool.match(parent, rest, rest.length);
    }

    @Override
    public int matchedTokens(SegmentId root, int[] tokens, int length) {
        Chain chain = new Chain(tokens, length, segmentTokens);
        SegmentId parent = root;
        int matched = 0;
        while (matched < chain.segments()) {
            SegmentId id = chain.id(parent, matched);
            if (!isHere(parent, chain, matched) && loans.borrower().find(id) == null) {
                break;
            }
            parent = id;
            matched++;
        }
        return matched * segmentTokens;
    }

    private boolean isHere(SegmentId parent, Chain chain, int index) {
        return pool.matchedTokens(parent, chain.matchable(index), chain.matchableTokens()) > 0;
    }

    @Override
    public PinnedPrefix insert(PinnedPrefix prefix, int[] tokens, List<SlotAddress> addresses) {
        int before = prefix.segments();
        if (tokens.length < (long) (before + addresses.size()) * segmentTokens) {
            throw new IllegalArgumentException(before + addresses.size() + " segments of " + segmentTokens
                    + " tokens don't have " + tokens.length + " tokens");
        }
        ClusterPrefix old = ClusterPrefix.end(this, prefix);
        old.misses().forEach(pool::release);
        ClusterPrefix grown = old.successor();
        for (int i = 0; i < addresses.size(); i++) {
            int from = (before + i) * segmentTokens;
            int[] own = Arrays.copyOfRange(tokens, from, from + segmentTokens);
            PinnedPrefix part = pool.insert(pool.pin(grown.lastId(), own, 0), own, List.of(addresses.get(i)));
            grown.add(new Part(part.id(0), part, null));
            if (part.address(0).equals(addresses.get(i))) { // else it was here before
                copies.onComputed(part.id(0));
            }
        }
        return grown;
    }

    @Override
    public PinnedPrefix extend(PinnedPrefix prefix, List<LentSegment> lent) {
        ClusterPrefix old = ClusterPrefix.end(this, prefix);
        old.misses().forEach(pool::release);
        ClusterPrefix grown = old.successor();
        lent.forEach(segment -> grown.add(new Part(segment.id(), null, segment)));
        return grown;
    }

    @Override
    public boolean isHere(SegmentId id) {
        return copies.isHere(id);
    }

    @Override
    public void release(PinnedPrefix prefix) {
        ClusterPrefix own = ClusterPrefix.end(this, prefix);
        own.misses().forEach(pool::release);
        for (Part part : reversed(own)) {
            if (part.here() != null) {
                pool.release(part.here());
            } else if (part.lent() != null) {
                leave(part.lent());
            }
        }
        copies.relocations().onReleased();
    }

    @Override
    public void giveUp(PinnedPrefix prefix) {
        ClusterPrefix own = ClusterPrefix.end(this, prefix);
        own.misses().forEach(pool::giveUp);
        for (Part part : reversed(own)) {
            if (part.here() != null) {
                pool.giveUp(part.here());
            } else if (part.lent() != null) {
                leave(part.lent());
            }
        }
        copies.relocations().onReleased();
    }

    /** The deepest first, so that what others continue was used last. */
    private static List<Part> reversed(ClusterPrefix prefix) {
        List<Part> parts = new ArrayList<>(prefix.parts());
        Collections.reverse(parts);
        return parts;
    }

    void use(LentSegment segment) {
        loans.borrower().use(segment);
    }

    void leave(LentSegment segment) {
        loans.borrower().leave(segment);
    }

    /** {@inheritDoc} Lower tiers are this node's own; what other nodes have on their devices is borrowed, and stays where it is. */
    @Override
    public Move swapIn(SegmentId root, int[] tokens, int length, double computeNanos) {
        return bringing.begin(root, new Chain(tokens, length, segmentTokens), computeNanos);
    }

    @Override
    public Move bringCopies(PinnedPrefix prefix, int[] tokens, int length) {
        return bringing.copies(ClusterPrefix.of(this, prefix), new Chain(tokens, length, segmentTokens));
    }

    /** Sends copies of what is here to a node that has asked for them. */
    private void send(int node, Send send) {
        int most =
                Math.min(send.tokens().length / segmentTokens, loans.borrower().mostSegments());
        Chain chain = new Chain(send.tokens(), send.tokens().length, segmentTokens);
        List<SegmentId> run = new ArrayList<>();
        SegmentId parent = send.parent();
        int next = 0;
        for (int i = 0; i < most; i++) {
            SegmentId id = chain.id(parent, i);
            boolean wanted = next < send.wanted().length && send.wanted()[next] == i;
            next += wanted ? 1 : 0;
            if (wanted && copies.isHere(id)) {
                run.add(id);
            } else if (!run.isEmpty()) {
                copies.sendCopies(run, node);
                run = new ArrayList<>();
            }
            parent = id;
        }
        if (!run.isEmpty()) {
            copies.sendCopies(run, node);
        }
    }

    @Override
    public boolean poll() {
        boolean any = pool.poll();
        report();
        any |= directory.poll(new Directory.Events() {
            @Override
            public void onJoined(int node) {
                // Nothing of it is known yet.
            }

            @Override
            public void onLeft(int node) {
                loans.onLeft(node);
                if (groups != null) {
                    groups.onLeft(node);
                }
            }

            @Override
            public void onShared(SegmentId id) {
                placement.onShared(id);
                copies.relocations().onShared();
            }
        });
        any |= loans.poll();
        bringing.lookAgain();
        if (groups != null) {
            any |= groups.poll();
        }
        if (!closed) {
            copies.place(placement);
        }
        return any;
    }

    /** Says how this node is, now and then. */
    private void report() {
        long now = nanoTime.getAsLong();
        if (now - reportedNanos >= REPORT_NANOS) {
            reportedNanos = now;
            directory.report(status.get());
        }
    }

    @Override
    public Optional<List<SlotAddress>> alloc(int count, Tier tier) {
        copies.makeRoom(count);
        return pool.alloc(count, tier);
    }

    @Override
    public Optional<List<SlotAddress>> alloc(int count, Tier tier, SegmentId root) {
        copies.makeRoom(count);
        return pool.alloc(count, tier, root);
    }

    /** {@inheritDoc} Segments move as placement says; what a caller wants elsewhere is borrowed from there, so this is refused. */
    @Override
    public Transfer transfer(PinnedPrefix prefix, int from, int to, int node) {
        release(prefix);
        return Transfer.refused(TransferId.NONE, to - from, Refusal.UNKNOWN_NODE);
    }

    /** {@inheritDoc} Refused, as {@link #transfer} is. */
    @Override
    public Transfer transferWithInsert(PinnedPrefix prefix, int[] tokens, int node) {
        int segments = prefix.segments();
        release(prefix);
        return Transfer.refused(TransferId.NONE, segments, Refusal.UNKNOWN_NODE);
    }

    /** Returns whether this node holds nothing that another node could take and none has: it may go. */
    public boolean isHandedOver() {
        if (directory.nodes().stream().allMatch(NodeStatus::draining)) {
            return true; // to nobody
        }
        return copies.relocations().isIdle()
                && copies.coldest(copies.size()).stream()
                        .allMatch(id -> directory.holders(id).stream().anyMatch(holding -> !holding.replica()));
    }

    /** Returns what has been borrowed, lent and moved. */
    public ClusterPoolStats clusterStats() {
        Relocations moved = copies.relocations();
        return new ClusterPoolStats(
                loans.borrower().borrowed(),
                loans.borrower().lost(),
                loans.lender().lent(),
                loans.lender().lentSlots(),
                bringing.asked(),
                bringing.fetched(),
                moved.sent(),
                moved.sentBytes(),
                moved.failed());
    }

    @Override
    public int ownPins() {
        return super.ownPins() + loans.lender().lentSlots() + (groups == null ? 0 : groups.pins());
    }

    @Override
    public int ownWriting() {
        return super.ownWriting() + (groups == null ? 0 : groups.writingSlots());
    }

    /** Ends what is lent. What is on loan must have been released. */
    @Override
    public void close() {
        closed = true;
        if (groups != null) {
            groups.close();
        }
        loans.close();
    }

    @Override
    public void checkInvariants() {
        super.checkInvariants();
        loans.checkInvariants();
        if (copies.size() != pool.usage(Tier.DEVICE).sealed()) {
            throw new IllegalStateException(copies.size() + " segments are known to be here, the device has "
                    + pool.usage(Tier.DEVICE).sealed());
        }
    }
}
