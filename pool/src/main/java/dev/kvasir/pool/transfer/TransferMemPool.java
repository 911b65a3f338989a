package dev.kvasir.pool.transfer;

import dev.kvasir.pool.Arrival;
import dev.kvasir.pool.ForwardingMemPool;
import dev.kvasir.pool.MemPool;
import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.PoolReport;
import dev.kvasir.pool.PoolUsage;
import dev.kvasir.pool.SegmentFormat;
import dev.kvasir.pool.SlotAddress;
import dev.kvasir.pool.SlotStorage;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.TierReport;
import dev.kvasir.pool.Transfer;
import dev.kvasir.pool.TransferId;
import dev.kvasir.pool.TransferMessage;
import dev.kvasir.pool.TransferMessage.Answer;
import dev.kvasir.pool.TransferMessage.Data;
import dev.kvasir.pool.TransferMessage.Done;
import dev.kvasir.pool.TransferMessage.Refuse;
import dev.kvasir.pool.Transport;
import dev.kvasir.pool.tiered.Mover;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * A node's pool that can send segments to other nodes' pools and take theirs. All else is the node's pool as it was.
 *
 * <p>While a transfer is under way, {@link #poll} is to be called now and then even if there's nothing else to do: leases end there.
 */
public final class TransferMemPool extends ForwardingMemPool implements AutoCloseable {
    private final MemPool pool;
    private final LongSupplier nanoTime;
    private final Transport transport;
    private final Mover mover;
    private final Outbox outbox;
    private final Sender sender;
    private final Receiver receiver;
    private final Transport.Events events = new Transport.Events() {
        @Override
        public void onMessage(int from, TransferMessage message) {
            if (message instanceof Answer || message instanceof Refuse || message instanceof Done) {
                sender.onMessage(from, message);
            } else {
                receiver.onMessage(from, message);
            }
        }

        @Override
        public void onSent(Data data) {
            sender.onSent(data);
        }
    };

    /**
     * Adds transfers to a pool, which is used through this one only from now on.
     *
     * @param storage memory of the pool's device tier
     * @param transport the way to other nodes; closed by its owner, after this
     * @param mover copies what comes into slots
     * @param nanoTime a monotonic clock
     */
    public TransferMemPool(
            MemPool pool,
            SlotStorage storage,
            LocalNode self,
            Transport transport,
            TransferLimits limits,
            Mover mover,
            LongSupplier nanoTime) {
        super(pool);
        this.pool = pool;
        this.nanoTime = nanoTime;
        this.transport = transport;
        this.mover = mover;
        outbox = new Outbox(transport, limits.leaseNanos());
        sender = new Sender(pool, storage, self, transport, outbox, limits, nanoTime);
        SegmentFormat format = new SegmentFormat(pool.layout(), self.model());
        receiver = new Receiver(pool, storage, format, transport, outbox, limits, mover, nanoTime);
    }

    @Override
    public Transfer transfer(PinnedPrefix prefix, int from, int to, int node) {
        if (from < 0 || from >= to || to > prefix.segments()) {
            throw new IllegalArgumentException(
                    "cannot transfer segments " + from + " to " + to + " of " + prefix.segments());
        }
        return sender.begin(prefix, from, to, new int[0], node);
    }

    @Override
    public Transfer transferWithInsert(PinnedPrefix prefix, int[] tokens, int node) {
        if (prefix.segments() == 0 || tokens.length < prefix.tokens()) {
            throw new IllegalArgumentException("cannot transfer " + prefix.segments() + " segments with "
                    + tokens.length + " tokens to be found by");
        }
        return sender.begin(prefix, 0, prefix.segments(), Arrays.copyOf(tokens, prefix.tokens()), node);
    }

    @Override
    public List<TransferId> arrivals() {
        return receiver.arrivals();
    }

    @Override
    public Optional<Arrival> claim(TransferId id) {
        return receiver.claim(id);
    }

    @Override
    public boolean poll() {
        boolean any = pool.poll();
        any |= mover.poll();
        any |= transport.poll(events);
        if (!sender.isIdle() || !receiver.isIdle() || !outbox.isEmpty()) {
            long now = nanoTime.getAsLong();
            outbox.flush(now);
            sender.advance(now);
            receiver.advance(now);
        }
        return any;
    }

    /** Gives up all transfers and waits for the copies of what has come. What leaves stays pinned until the transport says it's sent. */
    @Override
    public void close() {
        sender.abortAll();
        receiver.abortAll();
        while (mover.inFlight() > 0) {
            mover.await();
        }
        outbox.flush(nanoTime.getAsLong());
    }

    @Override
    public int ownPins() {
        return super.ownPins() + sender.pinned() + receiver.pinned();
    }

    /** {@inheritDoc} Slots that transfers write to count as moving until what came is indexed or claimed. */
    @Override
    public PoolUsage usage(Tier tier) {
        PoolUsage usage = pool.usage(tier);
        return tier == Tier.DEVICE ? usage.withMoving(receiver.slots()) : usage;
    }

    @Override
    public List<TierReport> tiers() {
        return pool.tiers().stream()
                .map(tier -> new TierReport(tier.tier(), tier.bytes(), usage(tier.tier()), tier.counters()))
                .toList();
    }

    @Override
    public PoolReport report(int topPrefixes) {
        PoolReport report = pool.report(topPrefixes);
        return new PoolReport(tiers(), report.topPrefixes(), report.tenants());
    }

    @Override
    public void checkInvariants() {
        pool.checkInvariants();
        sender.checkInvariants();
        receiver.checkInvariants();
    }

    @Override
    public void free(List<SlotAddress> addresses) {
        checkNotHeld(addresses);
        pool.free(addresses);
    }

    @Override
    public PinnedPrefix insert(PinnedPrefix prefix, int[] tokens, List<SlotAddress> addresses) {
        checkNotHeld(addresses);
        return pool.insert(prefix, tokens, addresses);
    }

    private void checkNotHeld(List<SlotAddress> addresses) {
        for (SlotAddress address : addresses) {
            if (receiver.holds(address)) {
                throw new IllegalStateException(address + " is a transfer's, not the caller's");
            }
        }
    }
}
