package dev.kvasir.pool.cluster;

import dev.kvasir.pool.MemPool;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.Wire;
import dev.kvasir.pool.loan.Borrower;
import dev.kvasir.pool.loan.Inbox;
import dev.kvasir.pool.loan.Lender;
import dev.kvasir.pool.loan.LoanCodec;
import dev.kvasir.pool.loan.LoanLimits;
import dev.kvasir.pool.loan.LoanMessage;
import dev.kvasir.pool.loan.LoanMessage.Borrow;
import dev.kvasir.pool.loan.LoanMessage.Lend;
import dev.kvasir.pool.loan.LoanMessage.Renew;
import dev.kvasir.pool.loan.LoanMessage.Replica;
import dev.kvasir.pool.loan.LoanMessage.Return;
import dev.kvasir.pool.loan.LoanMessage.Send;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** A node's lender and borrower, and the wire between them and other nodes'. What comes waits until the pool's thread takes it in. */
public final class LoanOffice {

    private final Wire wire;
    private final Lender lender;
    private final Borrower borrower;
    private final Inbox<LoanMessage> inbox;
    private Consumer<SegmentId> onReplica = id -> {};
    private BiConsumer<Integer, Send> onSend = (node, send) -> {};

    /**
     * Creates one and listens.
     *
     * @param pool what is lent lies in it: one in which each segment can be pinned by its parent and its own tokens
     * @param wake told, on any thread, that something has come
     */
    public LoanOffice(MemPool pool, Wire wire, LoanLimits limits, LongSupplier nanoTime, Runnable wake) {
        this.wire = wire;
        lender = new Lender(pool, limits, nanoTime);
        borrower = new Borrower(limits, this::say, nanoTime);
        inbox = new Inbox<>(wire, Wire.Channel.LOAN, LoanCodec::decode, wake);
    }

    /** Has somebody told of each segment that is lent. */
    void onRead(Consumer<SegmentId> listener) {
        lender.onRead(listener);
    }

    /** Has somebody told of replicas that others are about to send. */
    void onReplica(Consumer<SegmentId> listener) {
        onReplica = listener;
    }

    /** Has somebody do what others ask for when they want copies. */
    void onSend(BiConsumer<Integer, Send> listener) {
        onSend = listener;
    }

    /** Asks a node for copies. Returns whether it was asked. */
    boolean fetch(int node, Send send) {
        return say(node, send);
    }

    /** Says to a node that what it's about to be sent is a replica. */
    void announceReplica(int node, SegmentId id) {
        say(node, new Replica(id));
    }

    /** Has somebody told when segments that were lent may have no reader any more. */
    void onUnpinned(Runnable listener) {
        lender.onUnpinned(listener);
    }

    private boolean say(int node, LoanMessage message) {
        if (!wire.isKnown(node)) {
            return false;
        }
        ByteBuffer bytes = LoanCodec.encode(message);
        // A prompt of a million tokens may be longer than a frame: then nothing of it is borrowed.
        return bytes.remaining() <= wire.maxFrameBytes()
                && wire.send(node, Wire.Channel.LOAN, List.of(bytes), () -> {});
    }

    /** Returns what this node lends. */
    public Lender lender() {
        return lender;
    }

    /** Returns what is lent to it. */
    public Borrower borrower() {
        return borrower;
    }

    boolean isReachable(int node) {
        return wire.isKnown(node) && borrower.isWorthAsking(node);
    }

    void onLeft(int node) {
        lender.onLeft(node);
        borrower.onLeft(node);
    }

    /** Takes in what has come. Returns whether it was something. */
    boolean poll() {
        // When a link broke, answers may be lost, so who was asked is asked again. What it lends stays: the link may be
        // back before
        // the lease ends.
        boolean any = inbox.take(borrower::onLinkLost, this::take);
        lender.poll();
        borrower.poll();
        return any;
    }

    private void take(int from, LoanMessage message) {
        if (message instanceof Borrow borrow) {
            say(from, lender.onBorrow(from, borrow));
        } else if (message instanceof Lend lend) {
            borrower.onLend(from, lend);
        } else if (message instanceof Renew renew) {
            lender.onRenew(from, renew.loans());
        } else if (message instanceof Return back) {
            lender.onReturn(from, back.loan());
        } else if (message instanceof Replica replica) {
            onReplica.accept(replica.id());
        } else if (message instanceof Send send) {
            onSend.accept(from, send);
        }
    }

    void close() {
        lender.close();
    }

    void checkInvariants() {
        lender.checkInvariants();
        borrower.checkInvariants();
    }
}
