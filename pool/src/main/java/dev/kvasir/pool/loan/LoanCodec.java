package dev.kvasir.pool.loan;

import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.loan.LoanMessage.Borrow;
import dev.kvasir.pool.loan.LoanMessage.Lend;
import dev.kvasir.pool.loan.LoanMessage.Renew;
import dev.kvasir.pool.loan.LoanMessage.Replica;
import dev.kvasir.pool.loan.LoanMessage.Return;
import dev.kvasir.pool.loan.LoanMessage.Send;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * Turns messages about loans into bytes and back: a byte for the kind, then its fields in order, little-endian, arrays after their length. Stateless.
 * What a wire brings is whole and genuine, so there is no checksum; but its sender may be mistaken, so nothing is believed about lengths.
 */
public final class LoanCodec {
    private static final byte BORROW = 1;
    private static final byte LEND = 2;
    private static final byte RENEW = 3;
    private static final byte RETURN = 4;
    private static final byte REPLICA = 5;
    private static final byte SEND = 6;

    private LoanCodec() {}

    /** Returns the bytes of a message. */
    public static ByteBuffer encode(LoanMessage message) {
        ByteBuffer to;
        if (message instanceof Borrow borrow) {
            to = buffer(Long.BYTES + SegmentId.BYTES + bytes(borrow.tokens()) + bytes(borrow.wanted()));
            to.put(BORROW).putLong(borrow.request()).put(borrow.parent().bytes());
            put(borrow.tokens(), to);
            put(borrow.wanted(), to);
        } else if (message instanceof Lend lend) {
            to = buffer(2 * Long.BYTES + bytes(lend.lent()) + bytes(lend.slots()));
            to.put(LEND).putLong(lend.request()).putLong(lend.loan());
            put(lend.lent(), to);
            put(lend.slots(), to);
        } else if (message instanceof Renew renew) {
            to = buffer(Integer.BYTES + renew.loans().length * Long.BYTES);
            to.put(RENEW).putInt(renew.loans().length);
            for (long loan : renew.loans()) {
                to.putLong(loan);
            }
        } else if (message instanceof Send send) {
            to = buffer(SegmentId.BYTES + bytes(send.tokens()) + bytes(send.wanted()));
            to.put(SEND).put(send.parent().bytes());
            put(send.tokens(), to);
            put(send.wanted(), to);
        } else if (message instanceof Replica replica) {
            to = buffer(SegmentId.BYTES);
            to.put(REPLICA).put(replica.id().bytes());
        } else {
            to = buffer(Long.BYTES);
            to.put(RETURN).putLong(((Return) message).loan());
        }
        return to.flip();
    }

    /** Reads a message; empty if it is none. */
    public static Optional<LoanMessage> decode(ByteBuffer frame) {
        ByteBuffer from = frame.slice().order(ByteOrder.LITTLE_ENDIAN);
        try {
            LoanMessage message =
                    switch (from.get()) {
                        case BORROW -> new Borrow(from.getLong(), id(from), ints(from), ints(from));
                        case LEND -> new Lend(from.getLong(), from.getLong(), ints(from), ints(from));
                        case RENEW -> new Renew(longs(from));
                        case RETURN -> new Return(from.getLong());
                        case REPLICA -> new Replica(id(from));
                        case SEND -> new Send(id(from), ints(from), ints(from));
                        default -> throw new IllegalArgumentException("no such kind");
                    };
            return from.hasRemaining() ? Optional.empty() : Optional.of(message);
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(1 + bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static int bytes(int[] values) {
        return Integer.BYTES + values.length * Integer.BYTES;
    }

    private static void put(int[] values, ByteBuffer to) {
        to.putInt(values.length);
        for (int value : values) {
            to.putInt(value);
        }
    }

    private static SegmentId id(ByteBuffer from) {
        byte[] bytes = new byte[SegmentId.BYTES];
        from.get(bytes);
        return SegmentId.of(bytes);
    }

    private static int[] ints(ByteBuffer from) {
        int[] values = new int[count(from, Integer.BYTES)];
        for (int i = 0; i < values.length; i++) {
            values[i] = from.getInt();
        }
        return values;
    }

    private static long[] longs(ByteBuffer from) {
        long[] values = new long[count(from, Long.BYTES)];
        for (int i = 0; i < values.length; i++) {
            values[i] = from.getLong();
        }
        return values;
    }

    /** Checked against what is left of the frame before anything is allocated for it. */
    private static int count(ByteBuffer from, int bytesEach) {
        int count = from.getInt();
        if (count < 0 || (long) count * bytesEach > from.remaining()) {
            throw new IllegalArgumentException(count + " values aren't in " + from.remaining() + " bytes");
        }
        return count;
    }
}
