package dev.kvasir.pool.transfer;

import dev.kvasir.pool.Arrival;
import dev.kvasir.pool.MemPool;
import dev.kvasir.pool.Refusal;
import dev.kvasir.pool.SegmentFormat;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SegmentIdentity;
import dev.kvasir.pool.SlotAddress;
import dev.kvasir.pool.SlotStorage;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.TransferId;
import dev.kvasir.pool.TransferMessage;
import dev.kvasir.pool.TransferMessage.Commit;
import dev.kvasir.pool.TransferMessage.Data;
import dev.kvasir.pool.TransferMessage.Done;
import dev.kvasir.pool.TransferMessage.Offer;
import dev.kvasir.pool.TransferMessage.Refuse;
import dev.kvasir.pool.Transport;
import dev.kvasir.pool.tiered.Mover;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The transfers that come to a node. */
final class Receiver {
    private static final int MOST_REMEMBERED = 1024;

    private final MemPool pool;
    private final SlotStorage storage;
    private final SegmentFormat format;
    private final Transport transport;
    private final Outbox outbox;
    private final TransferLimits limits;
    private final Mover mover;
    private final LongSupplier nanoTime;

    private final Map<TransferId, Incoming> transfers = new LinkedHashMap<>(); // those that have not ended
    private final Set<Incoming> ending =
            new LinkedHashSet<>(); // those that have, but hold slots that are still being written
    private final Set<SlotAddress> held = new HashSet<>();

    /*
     * How transfers have ended, so that a late or doubled message doesn't begin one again. Bounded: an offer that comes when its transfer is forgotten
     * sets slots aside for a lease, and no longer.
     */
    private final Map<TransferId, Optional<Refusal>> ended = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<TransferId, Optional<Refusal>> eldest) {
            return size() > MOST_REMEMBERED;
        }
    };

    Receiver(
            MemPool pool,
            SlotStorage storage,
            SegmentFormat format,
            Transport transport,
            Outbox outbox,
            TransferLimits limits,
            Mover mover,
            LongSupplier nanoTime) {
        this.pool = pool;
        this.storage = storage;
        this.format = format;
        this.transport = transport;
        this.outbox = outbox;
        this.limits = limits;
        this.mover = mover;
        this.nanoTime = nanoTime;
    }

    boolean isIdle() {
        return transfers.isEmpty() && ending.isEmpty();
    }

    /** Returns how many segments are pinned at most: of each transfer what was here already. */
    int pinned() {
        return transfers.values().stream().mapToInt(Incoming::segments).sum();
    }

    /** Returns how many slots transfers hold. */
    int slots() {
        return held.size();
    }

    boolean holds(SlotAddress address) {
        return held.contains(address);
    }

    /** Takes what a sender says. Nobody speaks for another node. */
    void onMessage(int from, TransferMessage message) {
        if (from != message.id().sender()) {
            if (message instanceof Data data) {
                transport.consumed(data);
            }
            return;
        }
        Incoming transfer = transfers.get(message.id());
        if (message instanceof Data data) {
            if (transfer == null) {
                transport.consumed(data);
            } else {
                transfer.onData(data, now());
            }
        } else if (message instanceof Offer offer) {
            onOffer(offer, transfer);
        } else if (message instanceof Commit commit) {
            if (transfer == null) {
                sayHowItEnded(message.id());
            } else {
                transfer.onCommit(commit, now());
            }
        } else if (transfer == null) {
            ended.putIfAbsent(message.id(), Optional.of(Refusal.ABORTED)); // it may have overtaken its offer
        } else {
            transfer.abort();
        }
    }

    private void onOffer(Offer offer, @Nullable Incoming transfer) {
        if (transfer != null) {
            transfer.answer();
        } else if (!sayHowItEnded(offer.id())) {
            Refusal refusal = refusal(offer);
            if (refusal != null) {
                say(offer.id().sender(), new Refuse(offer.id(), refusal));
                return;
            }
            Incoming begun = new Incoming(this, offer, now());
            transfers.put(offer.id(), begun);
            begun.begin();
        }
    }

    private boolean sayHowItEnded(TransferId id) {
        Optional<Refusal> end = ended.get(id);
        if (end == null) {
            return false;
        }
        say(
                id.sender(),
                end.<TransferMessage>map(reason -> new Refuse(id, reason)).orElse(new Done(id)));
        return true;
    }

    private @Nullable Refusal refusal(Offer offer) {
        if (!offer.format().layout().equals(format.layout())) {
            return Refusal.OTHER_LAYOUT;
        }
        if (!offer.format().model().equals(format.model())) {
            return Refusal.OTHER_MODEL;
        }
        if (offer.segments().size() > limits.segments()) {
            return Refusal.TOO_MANY_SEGMENTS;
        }
        if (transfers.size() + ending.size() >= limits.transfers()) {
            return Refusal.BUSY;
        }
        return isGenuine(offer) ? null : Refusal.NOT_GENUINE;
    }

    /** Returns whether the tokens have the identities that they're offered with. A digest per segment. */
    private boolean isGenuine(Offer offer) {
        if (!offer.isInsert()) {
            return true;
        }
        int size = format.layout().segmentTokens();
        SegmentId parent = offer.root();
        for (int i = 0; i < offer.segments().size(); i++) {
            parent = SegmentIdentity.next(parent, offer.tokens(), i * size, (i + 1) * size);
            if (!parent.equals(offer.segments().get(i))) {
                return false;
            }
        }
        return true;
    }

    void advance(long now) {
        for (Incoming transfer : List.copyOf(transfers.values())) {
            transfer.advance();
            transfer.expire(now, limits.leaseNanos());
        }
    }

    /** Ends all of them. */
    void abortAll() {
        List.copyOf(transfers.values()).forEach(transfer -> transfer.fail(Refusal.ABORTED));
    }

    List<TransferId> arrivals() {
        return transfers.values().stream()
                .filter(Incoming::isWaiting)
                .map(Incoming::id)
                .toList();
    }

    Optional<Arrival> claim(TransferId id) {
        return Optional.ofNullable(transfers.get(id))
                .filter(Incoming::isWaiting)
                .map(Incoming::claim);
    }

    // For the transfers

    MemPool pool() {
        return pool;
    }

    long now() {
        return nanoTime.getAsLong();
    }

    void say(int node, TransferMessage message) {
        outbox.send(node, message, now());
    }

    void consumed(Data data) {
        transport.consumed(data);
    }

    /** Copies a segment to its slot on another thread. */
    void copy(Data data, Consumer<@Nullable IOException> outcome) {
        mover.submit(
                () -> storage.fill(
                        data.to().slot(), bytes -> bytes.put(data.bytes().duplicate())),
                (failure, nanos) -> {
                    transport.consumed(data);
                    outcome.accept(failure);
                });
    }

    /** Slots are a transfer's now. */
    void took(List<SlotAddress> slots) {
        held.addAll(slots);
    }

    /** Slots aren't a transfer's any more. */
    void handOver(List<SlotAddress> slots) {
        slots.forEach(held::remove);
    }

    /** A transfer has ended; {@code reason} is null if it succeeded. */
    void remember(Incoming transfer, @Nullable Refusal reason) {
        transfers.remove(transfer.id());
        ended.put(transfer.id(), Optional.ofNullable(reason));
        ending.add(transfer);
        forgetIfFree(transfer);
    }

    /** Forgets a transfer that has ended once it has no slots any more. */
    void forgetIfFree(Incoming transfer) {
        if (transfer.slots().isEmpty()) {
            ending.remove(transfer);
        }
    }

    void checkInvariants() {
        Set<SlotAddress> counted = new HashSet<>();
        List<Incoming> all = new ArrayList<>(transfers.values());
        all.addAll(ending);
        for (Incoming transfer : all) {
            transfer.checkInvariants();
            for (SlotAddress slot : transfer.slots()) {
                if (!counted.add(slot)) {
                    throw new IllegalStateException("two transfers hold " + slot);
                }
            }
        }
        if (!counted.equals(held)) {
            throw new IllegalStateException("transfers hold " + counted + ", not " + held);
        }
        int others = pool.usage(Tier.DEVICE).moving();
        if (held.size() + others > pool.usage(Tier.DEVICE).writing()) {
            throw new IllegalStateException(held.size() + " slots of transfers and " + others + " of moves are not in "
                    + pool.usage(Tier.DEVICE));
        }
    }
}
