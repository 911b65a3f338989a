package dev.kvasir.pool.transfer;

import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.Refusal;
import dev.kvasir.pool.SlotAddress;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.Transfer;
import dev.kvasir.pool.TransferId;
import dev.kvasir.pool.TransferMessage;
import dev.kvasir.pool.TransferMessage.Abort;
import dev.kvasir.pool.TransferMessage.Answer;
import dev.kvasir.pool.TransferMessage.Commit;
import dev.kvasir.pool.TransferMessage.Data;
import dev.kvasir.pool.TransferMessage.Offer;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A transfer that leaves this node. Its prefix is its own and stays pinned while bytes of it may be read. */
final class Outgoing implements Transfer {
    private enum State {
        ASKING,
        SENDING,
        CONFIRMING,
        ENDED
    }

    private final Sender sender;
    private final int node;
    private final PinnedPrefix prefix;
    private final Offer offer;

    private State state = State.ASKING;
    private long newsAt; // when it was last heard of
    private long saidAt; // when it last asked or confirmed
    private int known; // segments that the receiver has
    private List<SlotAddress> addresses = List.of(); // where the others go
    private int handed; // of those, how many the transport has taken
    private int inTransit; // of those, how many it still reads
    private @Nullable Refusal refusal;

    /** Takes over {@code prefix}. */
    Outgoing(Sender sender, int node, PinnedPrefix prefix, Offer offer, long now) {
        this.sender = sender;
        this.node = node;
        this.prefix = prefix;
        this.offer = offer;
        this.newsAt = now;
        this.saidAt = now;
    }

    int node() {
        return node;
    }

    Offer offer() {
        return offer;
    }

    /** Returns whether nobody will read its segments any more. */
    boolean isQuiet() {
        return state == State.ENDED && inTransit == 0;
    }

    void onAnswer(Answer answer, long now) {
        if (state != State.ASKING) {
            return; // said before
        }
        boolean whole = (long) answer.known() + answer.addresses().size()
                == offer.segments().size();
        if (!whole || answer.addresses().stream().anyMatch(address -> address.node() != node)) {
            abort(Refusal.ABORTED);
            return;
        }
        newsAt = now;
        known = answer.known();
        addresses = answer.addresses();
        state = State.SENDING;
        advance(now);
    }

    /** Hands over as many segments as the transport takes. */
    void advance(long now) {
        if (state != State.SENDING) {
            return;
        }
        while (handed < addresses.size() && sender.send(node, data(handed))) {
            handed++;
            inTransit++;
        }
        if (handed == addresses.size()) {
            state = State.CONFIRMING;
            say(new Commit(id(), handed), now);
        }
    }

    /** Says again what nobody has answered for a quarter of a lease: it may have been lost. */
    void repeat(long now, long leaseNanos) {
        if (now - saidAt >= leaseNanos / 4) {
            if (state == State.ASKING) {
                say(offer, now);
            } else if (state == State.CONFIRMING) {
                say(new Commit(id(), handed), now);
            }
        }
    }

    private void say(TransferMessage message, long now) {
        saidAt = now;
        sender.say(node, message);
    }

    private Data data(int next) {
        int index = known + next;
        ByteBuffer bytes = sender.bytes(prefix.address(offer.from() + index));
        return new Data(id(), index, addresses.get(next), offer.segments().get(index), bytes);
    }

    void onSent(long now) {
        inTransit--;
        newsAt = now;
        releaseIfQuiet();
    }

    void onDone() {
        if (state == State.CONFIRMING) {
            end(null);
        }
    }

    void onRefuse(Refusal reason) {
        if (state != State.ENDED) {
            end(reason);
        }
    }

    /** Ends it if nothing was heard of it for a lease. */
    void expire(long now, long leaseNanos) {
        if (state != State.ENDED && now - newsAt >= leaseNanos) {
            abort(Refusal.EXPIRED);
        }
    }

    private void abort(Refusal reason) {
        sender.say(node, new Abort(id()));
        end(reason);
    }

    private void end(@Nullable Refusal reason) {
        state = State.ENDED;
        refusal = reason;
        releaseIfQuiet();
    }

    private void releaseIfQuiet() {
        if (isQuiet()) {
            sender.forget(this);
            sender.unpin(prefix);
        }
    }

    /** Throws IllegalStateException if it doesn't hold what it sends. */
    void checkInvariants() {
        if (isQuiet()) {
            throw new IllegalStateException(id() + " has ended and is kept");
        }
        int segments = prefix.segments(); // throws if somebody else has released it
        if (offer.from() + offer.segments().size() > segments
                || inTransit < 0
                || inTransit > handed
                || handed > addresses.size()) {
            throw new IllegalStateException(id() + " sends " + offer + " of " + segments + " segments; " + handed
                    + " handed over, " + inTransit + " in transit, of " + addresses.size());
        }
    }

    private boolean isComplete() {
        return state == State.ENDED && refusal == null;
    }

    @Override
    public TransferId id() {
        return offer.id();
    }

    @Override
    public boolean isDone() {
        return state == State.ENDED;
    }

    @Override
    public int segments() {
        return isComplete() ? offer.segments().size() : 0;
    }

    @Override
    public int tokensFrom(Tier tier) {
        return isComplete() && tier == Tier.DEVICE
                ? addresses.size() * offer.format().layout().segmentTokens()
                : 0;
    }

    @Override
    public int left() {
        return refusal == null ? 0 : offer.segments().size();
    }

    @Override
    public Optional<Refusal> refusal() {
        return Optional.ofNullable(refusal);
    }

    @Override
    public long bytesSent() {
        return (long) handed * offer.format().layout().segmentBytes();
    }

    @Override
    public void release() {
        if (state != State.ENDED) {
            abort(Refusal.ABORTED);
        }
    }
}
