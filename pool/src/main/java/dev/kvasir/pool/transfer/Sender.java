package dev.kvasir.pool.transfer;

import dev.kvasir.pool.MemPool;
import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.Refusal;
import dev.kvasir.pool.SegmentFormat;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SlotAddress;
import dev.kvasir.pool.SlotStorage;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.Transfer;
import dev.kvasir.pool.TransferId;
import dev.kvasir.pool.TransferMessage;
import dev.kvasir.pool.TransferMessage.Abort;
import dev.kvasir.pool.TransferMessage.Answer;
import dev.kvasir.pool.TransferMessage.Data;
import dev.kvasir.pool.TransferMessage.Offer;
import dev.kvasir.pool.Transport;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The transfers that leave a node. */
final class Sender {
    private final MemPool pool;
    private final SlotStorage storage;
    private final LocalNode self;
    private final Transport transport;
    private final Outbox outbox;
    private final TransferLimits limits;
    private final LongSupplier nanoTime;
    private final Map<TransferId, Outgoing> transfers = new LinkedHashMap<>(); // those that pin something
    private long begun;

    Sender(
            MemPool pool,
            SlotStorage storage,
            LocalNode self,
            Transport transport,
            Outbox outbox,
            TransferLimits limits,
            LongSupplier nanoTime) {
        this.pool = pool;
        this.storage = storage;
        this.self = self;
        this.transport = transport;
        this.outbox = outbox;
        this.limits = limits;
        this.nanoTime = nanoTime;
    }

    boolean isIdle() {
        return transfers.isEmpty();
    }

    /** Returns how many segments are pinned at most. */
    int pinned() {
        return transfers.values().stream()
                .mapToInt(transfer ->
                        transfer.offer().from() + transfer.offer().segments().size())
                .sum();
    }

    /** Begins to send segments {@code [from, to)} of a prefix, which is this one's from now on. */
    Transfer begin(PinnedPrefix prefix, int from, int to, int[] tokens, int node) {
        TransferId id = new TransferId(self.node(), self.life(), ++begun);
        Refusal refusal = refusal(node);
        if (refusal != null) {
            pool.release(prefix);
            return Transfer.refused(id, to - from, refusal);
        }
        List<SegmentId> segments = new ArrayList<>(to - from);
        for (int i = from; i < to; i++) {
            segments.add(prefix.id(i));
        }
        long now = nanoTime.getAsLong();
        SegmentFormat format = new SegmentFormat(pool.layout(), self.model());
        Outgoing transfer =
                new Outgoing(this, node, prefix, new Offer(id, format, prefix.root(), from, segments, tokens), now);
        transfers.put(id, transfer);
        outbox.send(node, transfer.offer(), now);
        return transfer;
    }

    private @Nullable Refusal refusal(int node) {
        if (node == self.node() || !transport.isKnown(node)) {
            return Refusal.UNKNOWN_NODE;
        }
        return transfers.size() >= limits.transfers() ? Refusal.BUSY : null;
    }

    /** Takes what a receiver says. */
    void onMessage(int from, TransferMessage message) {
        Outgoing transfer = transfers.get(message.id());
        if (transfer == null) {
            if (message instanceof Answer) {
                // It has set slots aside for one that's over.
                say(from, new Abort(message.id()));
            }
        } else if (transfer.node() == from) {
            if (message instanceof Answer answer) {
                transfer.onAnswer(answer, nanoTime.getAsLong());
            } else if (message instanceof TransferMessage.Refuse refuse) {
                transfer.onRefuse(refuse.reason());
            } else {
                transfer.onDone();
            }
        }
    }

    void onSent(Data data) {
        Outgoing transfer = transfers.get(data.id());
        if (transfer == null) {
            throw new IllegalStateException(data.id() + " was told twice that a segment was sent");
        }
        transfer.onSent(nanoTime.getAsLong());
    }

    void advance(long now) {
        for (Outgoing transfer : List.copyOf(transfers.values())) {
            transfer.advance(now);
            transfer.expire(now, limits.leaseNanos());
            transfer.repeat(now, limits.leaseNanos());
        }
    }

    /** Gives all of them up. */
    void abortAll() {
        List.copyOf(transfers.values()).forEach(Transfer::release);
    }

    boolean send(int node, Data data) {
        return transport.send(node, data);
    }

    void say(int node, TransferMessage message) {
        outbox.send(node, message, nanoTime.getAsLong());
    }

    ByteBuffer bytes(SlotAddress address) {
        if (address.tier() != Tier.DEVICE) {
            throw new IllegalStateException("a prefix lies at " + address);
        }
        return storage.bytes(address.slot()).asReadOnlyBuffer();
    }

    void unpin(PinnedPrefix prefix) {
        pool.release(prefix);
    }

    void forget(Outgoing transfer) {
        transfers.remove(transfer.id());
    }

    void checkInvariants() {
        transfers.values().forEach(Outgoing::checkInvariants);
    }
}
