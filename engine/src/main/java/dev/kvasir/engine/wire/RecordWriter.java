package dev.kvasir.engine.wire;

import dev.kvasir.pool.Wire.Channel;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Makes records of what waits for a node, in the order that it's to go: the link's own, then queries, loans and transfers, as far as the other side
 * allows. Once in a while the last come first, so that none of them starves.
 */
final class RecordWriter {
    private static final Channel[] BY_URGENCY = {Channel.QUERY, Channel.GROUP, Channel.LOAN, Channel.TRANSFER};
    /** Every so many records the least urgent channel goes first. */
    private static final int FAIR_TURN = 8;

    private static final int SMALL_BATCH_BYTES = 4096;

    private final RecordCipher cipher;
    private final int peer;
    private final ByteBufAllocator allocator;
    private final WireLimits limits;
    private final Outbox outbox;
    private final WireCounters counters;
    private final ByteBuffer scratch;
    private final Queue<ControlMessage> control = new ArrayDeque<>(); // bounded by Link
    private final long[] credit = new long[BY_URGENCY.length]; // by channel, bytes that may be sent
    private final boolean[] stalled = new boolean[BY_URGENCY.length]; // by channel, waits for credit
    private long sequence;
    private int turn;

    RecordWriter(
            byte[] key, int peer, ByteBufAllocator allocator, WireLimits limits, Outbox outbox, WireCounters counters) {
        this.peer = peer;
        this.cipher = new RecordCipher(key);
        this.allocator = allocator;
        this.limits = limits;
        this.outbox = outbox;
        this.counters = counters;
        this.scratch = ByteBuffer.allocateDirect(limits.recordBytes());
        Arrays.fill(credit, limits.windowBytes());
    }

    /** Has a message of the link's own sent next. */
    void control(ControlMessage message) {
        control.add(message);
    }

    /** Takes in that more may be sent, or refuses it: nobody can allow more than was used. */
    void onCredit(ControlMessage.Credit more) throws DroppedException {
        int at = more.channel().ordinal();
        credit[at] += more.bytes();
        stalled[at] = false;
        if (credit[at] > limits.windowBytes()) {
            throw new DroppedException(Drop.BAD_CONTROL, "credit of " + credit[at] + " bytes for " + more.channel());
        }
    }

    /** Returns the records that go next, about as many bytes as the longest has; null if there are none. To be released by the caller. */
    @Nullable
    ByteBuf next() {
        if (control.isEmpty() && nextChannel() == null) {
            return null;
        }
        int full = limits.recordBytes() + RecordHeader.OVERHEAD;
        ByteBuf batch =
                allocator.directBuffer(outbox.waitingBytes() < SMALL_BATCH_BYTES ? 2 * SMALL_BATCH_BYTES : full);
        while (!control.isEmpty() && room(batch, ControlMessage.MAX_BYTES)) {
            ByteBuffer text = control.remove().encode();
            seal(RecordHeader.CONTROL, text.remaining(), text, batch);
        }
        Channel channel = nextChannel();
        while (channel != null && append(channel, batch)) {
            turn++;
            channel = nextChannel();
        }
        return batch;
    }

    private boolean room(ByteBuf batch, int textBytes) {
        return batch.writableBytes() >= textBytes + RecordHeader.OVERHEAD;
    }

    /** Appends the next record of a channel, or says that there's no room for it. */
    private boolean append(Channel channel, ByteBuf batch) {
        OutgoingFrame frame = outbox.peek(channel);
        if (frame == null) {
            throw new IllegalStateException("nothing waits on " + channel);
        }
        int remaining = frame.remaining();
        int length = Math.min(remaining, limits.recordBytes());
        if (!room(batch, length)) {
            if (batch.isReadable()) {
                return false;
            }
            batch.ensureWritable(length + RecordHeader.OVERHEAD);
        }
        seal(1 + channel.ordinal(), remaining, frame.read(length, scratch), batch);
        credit[channel.ordinal()] -= length + RecordHeader.OVERHEAD;
        if (length == remaining) {
            outbox.remove(channel);
            counters.onFrameOut(peer, channel, frame.bytes());
            frame.giveBack();
        }
        return true;
    }

    private void seal(int kind, int remaining, ByteBuffer text, ByteBuf batch) {
        RecordHeader header = new RecordHeader(kind, text.remaining(), remaining, sequence++);
        int from = batch.writerIndex();
        cipher.seal(header, text, batch.nioBuffer(from, header.cost()));
        batch.writerIndex(from + header.cost());
    }

    private @Nullable Channel nextChannel() {
        boolean reverse = turn % FAIR_TURN == FAIR_TURN - 1;
        for (int i = 0; i < BY_URGENCY.length; i++) {
            Channel channel = BY_URGENCY[reverse ? BY_URGENCY.length - 1 - i : i];
            if (mayGo(channel)) {
                return channel;
            }
        }
        return null;
    }

    private boolean mayGo(Channel channel) {
        OutgoingFrame frame = outbox.peek(channel);
        if (frame == null) {
            return false;
        }
        int at = channel.ordinal();
        int cost = Math.min(frame.remaining(), limits.recordBytes()) + RecordHeader.OVERHEAD;
        if (credit[at] >= cost) {
            return true;
        }
        if (!stalled[at]) { // counted once for each wait
            stalled[at] = true;
            counters.onCreditStall(channel);
        }
        return false;
    }
}
