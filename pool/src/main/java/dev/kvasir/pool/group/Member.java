package dev.kvasir.pool.group;

import dev.kvasir.pool.Move;
import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.PromptShare;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SegmentIdentity;
import dev.kvasir.pool.SlotAddress;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.group.GroupMessage.End;
import dev.kvasir.pool.group.GroupMessage.Lent;
import dev.kvasir.pool.loan.Borrower;
import dev.kvasir.pool.loan.Lender;
import dev.kvasir.pool.loan.LentSegment;
import dev.kvasir.pool.loan.LoanMessage.Borrow;
import dev.kvasir.pool.loan.LoanMessage.Lend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** This node's part in a group. */
final class Member implements PromptShare {
    /*
     * segments
     *   [0, prefix)       here, or on loan: what stood before, and the shares that are covered
     *   [prefix, ..)      the next share: this node's own, or one that its owner has yet to lend
     *
     *   GATHERING -> GATHERED -> STARTED <-> WRITING (a step) -> DONE
     *        \___________\___________\___________\______________> FAILED
     */
    enum Phase {
        GATHERING,
        GATHERED,
        STARTED,
        WRITING,
        DONE,
        FAILED
    }

    final GroupId id;
    final Shares shares;
    private final Office office;
    private final SegmentId root;
    private final int[] tokens;
    private final int rank;
    private final List<SegmentId> ids = new ArrayList<>(); // of segments [0, last)
    private final int segmentTokens;

    private Phase phase = Phase.GATHERING;
    private @Nullable Move gathering;
    private @Nullable PinnedPrefix prefix;
    private int covered; // shares that the prefix has
    private final BitSet sealed = new BitSet(); // shares
    private final Map<Integer, List<LentSegment>> arrived = new HashMap<>(); // by share, not in the prefix yet
    private @Nullable Writing writing;
    private int[] table = {}; // of the share that is being written
    private long heardNanos;

    /** What a member has to do with: its node. */
    interface Office {
        GroupPool pool();

        Lender lender();

        Borrower borrower();

        void say(int node, GroupMessage message);

        /** A step begins to write this. */
        void onWriting(Writing writing);

        /** No step writes this any more. */
        void onWritten(Writing writing);

        void free(List<SlotAddress> slots);

        void onComputed(int tokens);

        int self();

        long now();
    }

    Member(Office office, GroupId id, SegmentId root, Shares shares, int[] tokens) {
        this.office = office;
        this.id = id;
        this.root = root;
        this.shares = shares;
        this.tokens = tokens;
        rank = shares.members().indexOf(office.self());
        segmentTokens = office.pool().layout().segmentTokens();
        if (rank < 0 || tokens.length != shares.last() * segmentTokens) {
            throw new IllegalArgumentException("node " + office.self() + " of " + shares.members() + " can't compute "
                    + tokens.length + " tokens as " + shares.last() + " segments");
        }
        SegmentId parent = root;
        for (int i = 0; i < shares.last(); i++) {
            parent = SegmentIdentity.next(parent, tokens, i * segmentTokens, (i + 1) * segmentTokens);
            ids.add(parent);
        }
        heardNanos = office.now();
    }

    Phase phase() {
        return phase;
    }

    boolean isOver() {
        return phase == Phase.DONE || phase == Phase.FAILED;
    }

    private boolean leads() {
        return id.leader() == office.self();
    }

    /** Brings near what stands before the first share. */
    void gather() {
        if (shares.first() > 0) {
            gathering = office.pool().swapIn(root, tokens, shares.first() * segmentTokens + 1, 0);
        }
        advance();
    }

    /** All take part. */
    void start() {
        if (phase == Phase.GATHERED) {
            phase = Phase.STARTED;
            heardNanos = office.now();
            advance();
        }
    }

    /** Goes on as far as it can. */
    void advance() {
        if (phase == Phase.GATHERING && (gathering == null || gathering.isDone())) {
            prefix = office.pool().pin(root, tokens, shares.first() * segmentTokens + 1);
            if (gathering != null) {
                gathering.release();
                gathering = null;
            }
            if (prefix.segments() < shares.first()) {
                fail(true);
                return;
            }
            phase = Phase.GATHERED;
            heardNanos = office.now();
        }
        while (phase == Phase.STARTED && covered < shares.count() && shares.rankOf(covered) != rank) {
            List<LentSegment> next = arrived.remove(covered);
            if (next == null) {
                return;
            }
            prefix = office.pool().extend(pinned(), next);
            covered++;
        }
        if (phase == Phase.STARTED && covered == shares.count() && sealed.cardinality() == shares.count()) {
            phase = Phase.DONE;
        }
    }

    /** Returns whether a step can compute the next share: it's this node's, and others have at least begun with what stands before it in its round. */
    boolean isReady() {
        if (phase != Phase.STARTED || covered == shares.count() || shares.rankOf(covered) != rank) {
            return false;
        }
        return sealed.nextClearBit(0) >= shares.share(shares.roundOf(covered), 0);
    }

    /** Takes what another member lends. */
    void onLent(int from, Lent lent) {
        int share = lent.share();
        if (isOver()
                || share < 0
                || share >= shares.count()
                || shares.members().get(shares.rankOf(share)) != from
                || shares.rankOf(share) == rank
                || lent.slots().length != shares.to(share) - shares.from(share)) {
            office.borrower().refuse(from, lent.loan());
            return;
        }
        heardNanos = office.now();
        if (share >= covered && !arrived.containsKey(share)) {
            arrived.put(
                    share,
                    office.borrower()
                            .accept(
                                    from,
                                    lent.loan(),
                                    ids.subList(shares.from(share), shares.to(share)),
                                    lent.slots()));
        }
        if (lent.sealed()) {
            sealed.set(share);
        }
        advance();
    }

    // A share of this node's

    @Override
    public int[] tokens() {
        return tokens;
    }

    @Override
    public int from() {
        return shares.from(covered) * segmentTokens;
    }

    @Override
    public int to() {
        return shares.to(covered) * segmentTokens;
    }

    @Override
    public int[] slots() {
        return table;
    }

    @Override
    public boolean begin() {
        if (!pinned().isIntact()) {
            fail(true);
            return false;
        }
        int before = shares.from(covered);
        Optional<List<SlotAddress>> taken = office.pool().alloc(shares.to(covered) - before, Tier.DEVICE, root);
        if (taken.isEmpty()) {
            fail(true);
            return false;
        }
        Writing begun = new Writing(taken.get(), office::free);
        writing = begun;
        office.onWriting(begun);
        phase = Phase.WRITING;
        table = new int[before + begun.numbers.length];
        for (int i = 0; i < before; i++) {
            table[i] = pinned().reference(i);
        }
        System.arraycopy(begun.numbers, 0, table, before, begun.numbers.length);
        for (int node : behind()) {
            if (!begun.lend(node, office.lender())) {
                fail(true);
                return false;
            }
        }
        begun.loans.forEach((node, loan) -> office.say(node, new Lent(id, covered, false, loan, begun.numbers)));
        return true;
    }

    private List<Integer> behind() {
        return shares.members().subList(rank + 1, shares.members().size());
    }

    @Override
    public void computed() {
        Writing written = writing;
        if (phase != Phase.WRITING || written == null) {
            return; // it has failed meanwhile
        }
        int from = shares.from(covered);
        int to = shares.to(covered);
        if (ids.subList(from, to).stream().anyMatch(office.pool()::isHere)) {
            fail(true); // somebody has computed it here, too: the tree keeps that, and others read this
            return;
        }
        written.gate.open(Integer.MAX_VALUE);
        office.onWritten(written);
        writing = null;
        prefix = office.pool().insert(pinned(), tokens, written.slots);
        phase = Phase.STARTED;
        heardNanos = office.now();
        office.onComputed((to - from) * segmentTokens);
        int share = covered++;
        sealed.set(share);
        SegmentId parent = from == 0 ? root : ids.get(from - 1);
        int[] own = Arrays.copyOfRange(tokens, from * segmentTokens, to * segmentTokens);
        written.loans.values().forEach(loan -> office.lender().seal(loan, parent, own));
        boolean last = shares.roundOf(share) == shares.rounds() - 1;
        for (int node : shares.members()) {
            // Of the last round nobody has to know but who asked for it all.
            if (node != office.self() && (!last || node == id.leader()) && !tell(node, share, written, parent, own)) {
                fail(true);
                return;
            }
        }
        if (last && !leads()) {
            phase = Phase.DONE;
            release();
        } else {
            advance();
        }
    }

    private boolean tell(int node, int share, Writing written, SegmentId parent, int[] own) {
        Long loan = written.loans.get(node);
        if (loan != null) {
            office.say(node, new Lent(id, share, true, loan, written.numbers));
            return true;
        }
        int[] all = IntStream.range(0, written.numbers.length).toArray();
        Lend lend = office.lender().onBorrow(node, new Borrow(0, parent, own, all));
        if (lend.slots().length < all.length) {
            office.lender().cancel(lend.loan());
            return false;
        }
        office.say(node, new Lent(id, share, true, lend.loan(), lend.slots()));
        return true;
    }

    @Override
    public void failed() {
        fail(true);
    }

    /**
     * Ends it.
     *
     * @param tell whether the others are told
     */
    void fail(boolean tell) {
        if (isOver()) {
            return;
        }
        phase = Phase.FAILED;
        Writing begun = writing;
        if (begun != null) {
            writing = null;
            office.onWritten(begun);
            begun.giveUp(office.lender());
        }
        release();
        if (tell) {
            shares.members().stream()
                    .filter(node -> node != office.self())
                    .forEach(node -> office.say(node, new End(id)));
        }
    }

    /** Lets go of all that is held for it. */
    void release() {
        if (gathering != null) {
            gathering.release();
            gathering = null;
        }
        arrived.values().forEach(segments -> segments.forEach(office.borrower()::leave));
        arrived.clear();
        PinnedPrefix held = prefix;
        if (held != null) {
            prefix = null;
            office.pool().release(held);
        }
    }

    /** Returns whether nothing has happened for so long. */
    boolean isLate(long patienceNanos) {
        return office.now() - heardNanos >= patienceNanos;
    }

    /** Returns how many segments it keeps pinned, at most. */
    int pins() {
        return prefix == null ? (gathering == null ? 0 : shares.first()) : prefix.segments();
    }

    /** Returns what it holds. */
    PinnedPrefix pinned() {
        PinnedPrefix held = prefix;
        if (held == null) {
            throw new IllegalStateException("a group of " + shares.members() + " holds nothing in phase " + phase);
        }
        return held;
    }
}
