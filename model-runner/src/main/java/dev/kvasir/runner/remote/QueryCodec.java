package dev.kvasir.runner.remote;

import dev.kvasir.runner.DType;
import dev.kvasir.runner.remote.QueryMessage.Query;
import dev.kvasir.runner.remote.QueryMessage.Reason;
import dev.kvasir.runner.remote.QueryMessage.Refused;
import dev.kvasir.runner.remote.QueryMessage.Result;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Turns messages about queries into bytes and back, little-endian: a head, and behind it the numbers as they lie in memory. Stateless. What a wire
 * brings is whole and genuine, but its sender may be mistaken: counts are checked against what is left of the frame before anything is allocated.
 */
final class QueryCodec {
    private static final byte QUERY = 1;
    private static final byte RESULT = 2;
    private static final byte REFUSED = 3;

    private static final int QUERY_BYTES = 1 + Long.BYTES + Short.BYTES + 1 + Short.BYTES + Short.BYTES + Integer.BYTES;
    private static final int SPAN_BYTES = 2 * Integer.BYTES;
    private static final int SEGMENT_BYTES = Long.BYTES + Integer.BYTES;
    private static final DType[] DTYPES = DType.values();
    private static final Reason[] REASONS = Reason.values();

    private QueryCodec() {}

    /** Returns how many bytes stand before the queries. */
    static int headBytes(List<RemoteSpan> spans) {
        int bytes = QUERY_BYTES;
        for (RemoteSpan span : spans) {
            bytes += SPAN_BYTES + span.slots().length * SEGMENT_BYTES;
        }
        return bytes;
    }

    /** Writes what stands before the queries. */
    static ByteBuffer head(long number, int layer, DType dtype, int heads, int headDim, List<RemoteSpan> spans) {
        ByteBuffer to = ByteBuffer.allocate(headBytes(spans)).order(ByteOrder.LITTLE_ENDIAN);
        to.put(QUERY).putLong(number).putShort((short) layer).put((byte) dtype.ordinal());
        to.putShort((short) heads).putShort((short) headDim).putInt(spans.size());
        for (RemoteSpan span : spans) {
            to.putInt(span.queries()).putInt(span.slots().length);
            for (int i = 0; i < span.slots().length; i++) {
                to.putLong(span.loans()[i]).putInt(span.slots()[i]);
            }
        }
        return to.flip();
    }

    /** Writes what stands before output and logsumexp. */
    static ByteBuffer head(long number, int outputBytes) {
        return ByteBuffer.allocate(1 + Long.BYTES + Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(RESULT)
                .putLong(number)
                .putInt(outputBytes)
                .flip();
    }

    static ByteBuffer encode(Refused refused) {
        return ByteBuffer.allocate(1 + Long.BYTES + 1)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(REFUSED)
                .putLong(refused.number())
                .put((byte) refused.reason().ordinal())
                .flip();
    }

    /** Reads a message; its numbers are views of the frame. Empty if it is none. */
    static Optional<QueryMessage> decode(ByteBuffer frame) {
        ByteBuffer from = frame.slice().order(ByteOrder.LITTLE_ENDIAN);
        try {
            return switch (from.get()) {
                case QUERY -> Optional.of(query(from));
                case RESULT -> Optional.of(result(from));
                case REFUSED -> Optional.of(new Refused(from.getLong(), of(REASONS, from.get())));
                default -> Optional.empty();
            };
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Query query(ByteBuffer from) {
        long number = from.getLong();
        int layer = from.getShort();
        DType dtype = of(DTYPES, from.get());
        int heads = from.getShort();
        int headDim = from.getShort();
        int count = from.getInt();
        check(count, SPAN_BYTES, from);
        List<RemoteSpan> spans = new ArrayList<>(count);
        long first = 0;
        for (int i = 0; i < count; i++) {
            int queries = from.getInt();
            int segments = from.getInt();
            check(segments, SEGMENT_BYTES, from);
            long[] loans = new long[segments];
            int[] slots = new int[segments];
            for (int s = 0; s < segments; s++) {
                loans[s] = from.getLong();
                slots[s] = from.getInt();
            }
            spans.add(new RemoteSpan(Math.toIntExact(first), queries, loans, slots));
            first += queries;
            // Here, so that the sum can't wrap round.
            if (heads < 1 || headDim < 1 || first * heads * headDim * dtype.bytes() > from.remaining()) {
                throw new IllegalArgumentException(first + " queries of " + heads + " x " + headDim);
            }
        }
        if (count == 0 || first * heads * headDim * dtype.bytes() != from.remaining()) {
            throw new IllegalArgumentException(from.remaining() + " bytes of queries");
        }
        return new Query(number, layer, dtype, heads, headDim, spans, rest(from));
    }

    private static Result result(ByteBuffer from) {
        long number = from.getLong();
        int outputBytes = from.getInt();
        check(outputBytes, 1, from);
        ByteBuffer output = from.slice(from.position(), outputBytes).order(ByteOrder.LITTLE_ENDIAN);
        from.position(from.position() + outputBytes);
        return new Result(number, output, rest(from));
    }

    private static ByteBuffer rest(ByteBuffer from) {
        return from.slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    private static <T> T of(T[] values, byte ordinal) {
        if (ordinal < 0 || ordinal >= values.length) {
            throw new IllegalArgumentException("there is no value " + ordinal + " of " + values.length);
        }
        return values[ordinal];
    }

    private static void check(int count, int bytesEach, ByteBuffer from) {
        if (count < 0 || (long) count * bytesEach > from.remaining()) {
            throw new IllegalArgumentException(
                    count + " things of " + bytesEach + " bytes aren't in " + from.remaining() + " bytes");
        }
    }
}
