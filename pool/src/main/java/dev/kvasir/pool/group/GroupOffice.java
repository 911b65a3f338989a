package dev.kvasir.pool.group;

import dev.kvasir.pool.LayerWatch;
import dev.kvasir.pool.Move;
import dev.kvasir.pool.PrefillGroups;
import dev.kvasir.pool.PromptShare;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SharedPrefill;
import dev.kvasir.pool.SlotAddress;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.Wire;
import dev.kvasir.pool.group.GroupMessage.End;
import dev.kvasir.pool.group.GroupMessage.Invite;
import dev.kvasir.pool.group.GroupMessage.Join;
import dev.kvasir.pool.group.GroupMessage.Lent;
import dev.kvasir.pool.group.GroupMessage.Start;
import dev.kvasir.pool.loan.Borrower;
import dev.kvasir.pool.loan.Inbox;
import dev.kvasir.pool.loan.Lender;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A node's part in groups: those that it leads, those in which it takes part, and the wire between them and other nodes'. What comes waits until the pool's thread takes it in. */
public final class GroupOffice implements PrefillGroups, LayerWatch {
    private final GroupPool pool;
    private final Lender lender;
    private final Borrower borrower;
    private final Wire wire;
    private final GroupLimits limits;
    private final LongSupplier nanoTime;

    private final Inbox<GroupMessage> inbox;

    private final Map<GroupId, Member> members = new LinkedHashMap<>(); // that aren't over
    private final Map<GroupId, Lead> leads = new LinkedHashMap<>(); // that aren't released
    private final Set<GroupId> told = new HashSet<>(); // groups of others that were joined
    private final Desk desk = new Desk();
    private final Set<Writing> running = new HashSet<>(); // written by the step that runs
    private int writingSlots;
    private long lastNumber;
    private long led;
    private long computed;
    private long failed;
    private long joined;
    private long sharedTokens;
    private boolean closed;

    /**
     * Creates one and listens.
     *
     * @param pool whose lender and borrower these are
     * @param wake told, on any thread, that something has come
     */
    public GroupOffice(
            GroupPool pool,
            Lender lender,
            Borrower borrower,
            Wire wire,
            GroupLimits limits,
            LongSupplier nanoTime,
            Runnable wake) {
        this.pool = pool;
        this.lender = lender;
        this.borrower = borrower;
        this.wire = wire;
        this.limits = limits;
        this.nanoTime = nanoTime;
        inbox = new Inbox<>(wire, Wire.Channel.GROUP, GroupCodec::decode, wake);
    }

    // Leading

    /** A group that this node leads. */
    private final class Lead implements SharedPrefill {
        private final Member own;
        private final Set<Integer> missing; // nodes that haven't joined
        private final int[] prompt;
        private final int length;
        private @Nullable Move copies; // of what others have computed, where copies are better than queries
        private boolean counted;

        Lead(Member own, Set<Integer> missing, int[] prompt, int length) {
            this.prompt = prompt;
            this.length = length;
            this.own = own;
            this.missing = missing;
        }

        void onJoin(int node) {
            if (missing.remove(node)) {
                startIfAllAreThere();
            }
        }

        void startIfAllAreThere() {
            if (missing.isEmpty() && own.phase() == Member.Phase.GATHERED) {
                own.shares.members().stream()
                        .filter(node -> node != wire.self())
                        .forEach(node -> desk.say(node, new Start(own.id)));
                own.start();
            }
        }

        @Override
        public Outcome outcome() {
            if (own.phase() == Member.Phase.FAILED) {
                return Outcome.FAILED;
            }
            return copies != null && copies.isDone() ? Outcome.COMPUTED : Outcome.UNDER_WAY;
        }

        /** The request will read this for a long time, maybe token by token. */
        void bringCopies() {
            if (own.phase() == Member.Phase.DONE && copies == null) {
                copies = pool.bringCopies(own.pinned(), prompt, length);
            }
        }

        @Override
        public int tokens() {
            return (own.shares.last() - own.shares.first()) * pool.layout().segmentTokens();
        }

        void count() {
            if (own.isOver() && !counted) {
                counted = true;
                computed += own.phase() == Member.Phase.DONE ? 1 : 0;
                failed += own.phase() == Member.Phase.FAILED ? 1 : 0;
            }
        }

        @Override
        public void release() {
            own.fail(true); // does nothing if it's over
            if (copies != null) {
                copies.release();
            }
            own.release();
            count();
            leads.remove(own.id);
            members.remove(own.id);
        }
    }

    @Override
    public SharedPrefill begin(SegmentId root, int[] prompt, int length, List<Integer> nodes) {
        int segmentTokens = pool.layout().segmentTokens();
        int first = pool.matchedTokens(root, prompt, length) / segmentTokens;
        List<Integer> sorted = nodes.stream().sorted().distinct().toList();
        Shares shares = Shares.of(
                sorted,
                first,
                Math.max(0, length - 1) / segmentTokens,
                Math.max(1, limits.shareTokens() / segmentTokens));
        GroupId id = new GroupId(wire.self(), ++lastNumber);
        int[] tokens = Arrays.copyOf(prompt, shares.last() * segmentTokens);
        Member own = new Member(desk, id, root, shares, tokens);
        Set<Integer> others = new HashSet<>(sorted);
        others.remove(wire.self());
        Lead lead = new Lead(own, others, prompt, length);
        led++;
        members.put(id, own);
        leads.put(id, lead);
        own.gather();
        for (int node : Set.copyOf(others)) {
            if (!trySay(node, new Invite(id, root, shares, tokens))) {
                own.fail(true);
            }
        }
        return lead;
    }

    // Taking part

    private void onInvite(int from, Invite invite) {
        Shares shares = invite.shares();
        int segmentTokens = pool.layout().segmentTokens();
        GroupId id = invite.group();
        boolean takesPart = !closed
                && id.leader() == from
                && !members.containsKey(id)
                && shares.members().contains(from)
                && shares.members().contains(wire.self())
                && (long) shares.last() * segmentTokens == invite.tokens().length
                && invite.tokens().length <= limits.tokens()
                && (long) shares.longest() * segmentTokens <= limits.shareTokens()
                && shares.longest() * shares.rounds() <= pool.usage(Tier.DEVICE).available()
                && members.keySet().stream()
                                .filter(other -> other.leader() != wire.self())
                                .count()
                        < limits.groups()
                && Arrays.stream(invite.tokens()).allMatch(token -> token >= 0 && token < limits.vocab());
        if (!takesPart) {
            desk.say(from, new End(id));
            return;
        }
        joined++;
        Member member = new Member(desk, id, invite.root(), shares, invite.tokens());
        members.put(id, member);
        member.gather();
        joinIfGathered(member);
    }

    private void joinIfGathered(Member member) {
        if (member.phase() == Member.Phase.GATHERED && member.id.leader() != wire.self() && told.add(member.id)) {
            desk.say(member.id.leader(), new Join(member.id));
        }
    }

    private void take(int from, GroupMessage message) {
        if (message instanceof Invite invite) {
            onInvite(from, invite);
            return;
        }
        Member member = members.get(message.group());
        if (member == null || !member.shares.members().contains(from)) {
            if (message instanceof Lent lent) {
                borrower.refuse(from, lent.loan());
            }
            return;
        }
        if (message instanceof Lent lent) {
            member.onLent(from, lent);
        } else if (message instanceof Start && from == message.group().leader()) {
            member.start();
        } else if (message instanceof End) {
            // Of those who haven't joined it's a refusal, and the others must be told.
            member.fail(member.id.leader() == wire.self());
        } else if (message instanceof Join) {
            Lead lead = leads.get(message.group());
            if (lead != null) {
                lead.onJoin(from);
            }
        }
    }

    /** Takes in what has come, and goes on. Returns whether anything has come. */
    public boolean poll() {
        boolean any = inbox.take(this::onLeft, this::take); // what was said over a link that broke may be lost
        for (Member member : List.copyOf(members.values())) {
            if (!member.isOver() && member.isLate(limits.patienceNanos())) {
                member.fail(true);
            }
            member.advance();
            joinIfGathered(member);
            Lead lead = leads.get(member.id);
            if (lead != null) {
                lead.startIfAllAreThere();
                lead.bringCopies();
                lead.count();
            }
            if (member.isOver()) {
                members.remove(member.id);
                told.remove(member.id);
            }
        }
        return any;
    }

    /** A node is gone: no group has it to the end. */
    public void onLeft(int node) {
        for (Member member : List.copyOf(members.values())) {
            if (member.shares.members().contains(node)) {
                member.fail(true);
            }
        }
    }

    @Override
    public List<PromptShare> ready() {
        List<PromptShare> ready = new ArrayList<>();
        int left = limits.shareTokens();
        for (Member member : members.values()) {
            if (member.isReady() && member.to() - member.from() <= left) {
                left -= member.to() - member.from();
                ready.add(member);
            }
        }
        return ready;
    }

    // What a running step writes

    @Override
    public boolean isWatched() {
        return !running.isEmpty();
    }

    @Override
    public void onLayer(int layer) {
        running.forEach(writing -> writing.gate.open(layer + 1));
    }

    // For members

    private final class Desk implements Member.Office {
        @Override
        public GroupPool pool() {
            return pool;
        }

        @Override
        public Lender lender() {
            return lender;
        }

        @Override
        public Borrower borrower() {
            return borrower;
        }

        @Override
        public void say(int node, GroupMessage message) {
            trySay(node, message); // what isn't said is noticed for want of an answer
        }

        @Override
        public void onWriting(Writing writing) {
            running.add(writing);
            writingSlots += writing.slots.size();
        }

        @Override
        public void onWritten(Writing writing) {
            running.remove(writing);
        }

        @Override
        public void onComputed(int tokens) {
            sharedTokens += tokens;
            writingSlots -= tokens / pool.layout().segmentTokens();
        }

        @Override
        public void free(List<SlotAddress> slots) {
            writingSlots -= slots.size();
            pool.free(slots);
        }

        @Override
        public int self() {
            return wire.self();
        }

        @Override
        public long now() {
            return nanoTime.getAsLong();
        }
    }

    private boolean trySay(int node, GroupMessage message) {
        if (!wire.isKnown(node)) {
            return false;
        }
        ByteBuffer bytes = GroupCodec.encode(message);
        return bytes.remaining() <= wire.maxFrameBytes()
                && wire.send(node, Wire.Channel.GROUP, List.of(bytes), () -> {});
    }

    /** Returns how many slots shares are written to that aren't sealed. */
    public int writingSlots() {
        return writingSlots;
    }

    /** Returns how many segments groups keep pinned, at most. */
    public int pins() {
        int pins = 0;
        for (Member member : members.values()) {
            pins += member.pins();
        }
        for (Lead lead : leads.values()) {
            pins += lead.own.pins();
        }
        return pins;
    }

    /** Returns what became of groups so far. */
    public GroupStats stats() {
        return new GroupStats(led, computed, failed, joined, sharedTokens);
    }

    /** Ends all groups and takes part in no more. */
    public void close() {
        closed = true;
        List.copyOf(members.values()).forEach(member -> member.fail(true));
        List.copyOf(leads.values()).forEach(Lead::release);
        members.clear();
    }
}
