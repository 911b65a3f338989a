package dev.kvasir.pool.transfer;

import dev.kvasir.pool.Arrival;
import dev.kvasir.pool.Move;
import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.Refusal;
import dev.kvasir.pool.SlotAddress;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.TransferId;
import dev.kvasir.pool.TransferMessage.Answer;
import dev.kvasir.pool.TransferMessage.Commit;
import dev.kvasir.pool.TransferMessage.Data;
import dev.kvasir.pool.TransferMessage.Done;
import dev.kvasir.pool.TransferMessage.Offer;
import dev.kvasir.pool.TransferMessage.Refuse;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A transfer that comes to this node. The slots it has set aside are its own until they are indexed, claimed or freed. */
final class Incoming {
    private enum State {
        LOADING,
        RECEIVING,
        WAITING,
        ENDED
    }

    private static final int UNKNOWN = -1;

    private final Receiver receiver;
    private final Offer offer;
    private final int[] tokens; // of all segments, and one more that nobody looks at; empty if nothing is indexed

    private State state = State.LOADING;
    private long newsAt; // when it was last heard of
    private Move load = Move.NONE; // what lower tiers of this node have
    private @Nullable PinnedPrefix prefix; // what is here already
    private int known; // segments of it
    private List<SlotAddress> slots = List.of(); // for the others
    private final BitSet begun = new BitSet(); // slots into which something was or is being copied
    private final BitSet there = new BitSet(); // slots that hold their segment
    private int copying;
    private int announced = UNKNOWN; // segments that the sender says it has sent

    Incoming(Receiver receiver, Offer offer, long now) {
        this.receiver = receiver;
        this.offer = offer;
        this.tokens = offer.isInsert() ? Arrays.copyOf(offer.tokens(), offer.tokens().length + 1) : offer.tokens();
        this.newsAt = now;
    }

    TransferId id() {
        return offer.id();
    }

    /** Returns how many segments were offered. */
    int segments() {
        return offer.segments().size();
    }

    /** Returns the slots that it holds. */
    List<SlotAddress> slots() {
        return slots;
    }

    boolean isWaiting() {
        return state == State.WAITING;
    }

    /** Brings what lower tiers have, so that it needn't be sent. */
    void begin() {
        if (offer.isInsert()) {
            load = receiver.pool().swapIn(offer.root(), tokens, tokens.length, 0);
        }
        advance();
    }

    /** Sets slots aside once it's clear which segments are lacking. */
    void advance() {
        if (state != State.LOADING || !load.isDone()) {
            return;
        }
        if (offer.isInsert()) {
            PinnedPrefix here = receiver.pool().pin(offer.root(), tokens, tokens.length);
            prefix = here;
            known = here.segments();
        }
        endLoad();
        int lacking = offer.segments().size() - known;
        // Beyond its tenant's quota a running request may go, but not this.
        Optional<List<SlotAddress>> room = lacking > receiver.pool().roomFor(offer.root())
                ? Optional.empty()
                : receiver.pool().alloc(lacking, Tier.DEVICE, offer.root());
        if (room.isEmpty()) {
            fail(Refusal.NO_ROOM);
            return;
        }
        slots = room.get();
        receiver.took(slots);
        state = State.RECEIVING;
        answer();
    }

    /** Answers, maybe again: the answer may have been lost. */
    void answer() {
        if (state == State.RECEIVING) {
            receiver.say(offer.id().sender(), new Answer(id(), known, slots));
        }
    }

    /** Takes a segment in. Its bytes are consumed when they are copied, or at once if they aren't wanted. */
    void onData(Data data, long now) {
        int at = data.index() - known;
        boolean wanted = state == State.RECEIVING
                && at >= 0
                && at < slots.size()
                && !begun.get(at)
                && data.to().equals(slots.get(at))
                && data.segment().equals(offer.segments().get(data.index()))
                && data.bytes().remaining() == offer.format().layout().segmentBytes();
        if (!wanted) {
            receiver.consumed(data);
            return;
        }
        newsAt = now;
        begun.set(at);
        copying++;
        receiver.copy(data, failure -> onCopied(at, failure == null));
    }

    private void onCopied(int at, boolean whole) {
        copying--;
        if (state == State.ENDED) {
            freeIfQuiet();
        } else if (whole) {
            there.set(at);
            completeIfAll();
        } else {
            fail(Refusal.ABORTED);
        }
    }

    void onCommit(Commit commit, long now) {
        if (state == State.RECEIVING && announced == UNKNOWN) {
            newsAt = now;
            announced = commit.sent();
            completeIfAll();
        } else if (state == State.WAITING) {
            receiver.say(offer.id().sender(), new Done(id())); // said before, and lost
        }
    }

    private void completeIfAll() {
        if (announced == UNKNOWN || there.cardinality() < slots.size()) {
            return;
        }
        if (announced != slots.size()) {
            fail(Refusal.ABORTED);
            return;
        }
        newsAt = receiver.now();
        receiver.say(offer.id().sender(), new Done(id()));
        PinnedPrefix here = prefix;
        if (here == null) {
            state = State.WAITING;
            return;
        }
        // The one place where what came can be seen: every byte of it is here.
        prefix = null;
        state = State.ENDED;
        receiver.handOver(slots);
        receiver.pool().release(receiver.pool().insert(here, offer.tokens(), slots));
        slots = List.of();
        receiver.remember(this, null);
    }

    /** Gives the slots of one that waits to its claimer. */
    Arrival claim() {
        Arrival arrival = new Arrival(id(), offer.root(), offer.from(), offer.segments(), slots);
        state = State.ENDED;
        receiver.handOver(slots);
        slots = List.of();
        receiver.remember(this, null);
        return arrival;
    }

    /** Ends it because the sender says so; of one that has been confirmed it has nothing to say any more. */
    void abort() {
        if (state == State.LOADING || state == State.RECEIVING) {
            end(Refusal.ABORTED);
        }
    }

    /** Ends it if nothing was heard of it for a lease. */
    void expire(long now, long leaseNanos) {
        if (state != State.ENDED && now - newsAt >= leaseNanos) {
            fail(Refusal.EXPIRED);
        }
    }

    void fail(Refusal reason) {
        receiver.say(offer.id().sender(), new Refuse(id(), reason));
        end(reason);
    }

    private void end(Refusal reason) {
        state = State.ENDED;
        endLoad();
        PinnedPrefix here = prefix;
        if (here != null) {
            prefix = null;
            receiver.pool().release(here);
        }
        receiver.remember(this, reason);
        freeIfQuiet();
    }

    private void endLoad() {
        load.release();
        load = Move.NONE;
    }

    /** A slot into which something is being copied must not be used for anything else. */
    private void freeIfQuiet() {
        if (copying == 0) {
            receiver.handOver(slots);
            receiver.pool().free(slots);
            slots = List.of();
        }
        receiver.forgetIfFree(this);
    }

    /** Throws IllegalStateException if what it holds doesn't add up. */
    void checkInvariants() {
        BitSet rest = (BitSet) there.clone();
        rest.andNot(begun);
        int pinned = prefix == null ? 0 : prefix.segments();
        boolean adds =
                switch (state) {
                    case LOADING -> slots.isEmpty() && prefix == null;
                    case RECEIVING, WAITING ->
                        known + slots.size() == offer.segments().size() && pinned == known;
                    case ENDED -> prefix == null && (slots.isEmpty() || copying > 0);
                };
        if (!adds || !rest.isEmpty() || begun.cardinality() > offer.segments().size()) {
            throw new IllegalStateException(id() + " is " + state + " with " + slots.size() + " slots, " + known
                    + " known, " + pinned + " pinned, " + begun + " begun, " + there + " there of " + offer);
        }
    }
}
