package dev.kvasir.pool;

import dev.kvasir.pool.TransferMessage.Abort;
import dev.kvasir.pool.TransferMessage.Answer;
import dev.kvasir.pool.TransferMessage.Commit;
import dev.kvasir.pool.TransferMessage.Data;
import dev.kvasir.pool.TransferMessage.Done;
import dev.kvasir.pool.TransferMessage.Offer;
import dev.kvasir.pool.TransferMessage.Refuse;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/** Turns messages into bytes and back. Stateless: threads may share it. */
public final class TransferCodec {
    /*
     * A frame, little-endian, is a header, the bytes of a segment if there is one, and nothing else:
     *
     * [0, 4)            MAGIC, with the version of this format
     * [4, 8)            CRC32C of [8, header) and then of the payload
     * [8, 12)           length of the header
     * [12, 16)          length of the payload
     * [16, 20)          kind of message
     * [20, 40)          the transfer: sender, life, number
     * [40, header)      what the kind has
     *
     * The payload stands apart so that a slot can be written to a socket as it lies there. Counts are checked against what is left of the frame
     * before anything is allocated for them.
     */
    private static final int MAGIC = 0x3154564b; // "KVT1"
    private static final int CRC_AT = 4;
    private static final int CHECKED_FROM = 8;
    private static final int PREAMBLE = 16;

    private static final int OFFER = 1;
    private static final int ANSWER = 2;
    private static final int REFUSE = 3;
    private static final int DATA = 4;
    private static final int COMMIT = 5;
    private static final int DONE = 6;
    private static final int ABORT = 7;

    private static final int ID_BYTES = Integer.BYTES + 2 * Long.BYTES;
    private static final int ADDRESS_BYTES = 3 * Integer.BYTES;
    private static final int FORMAT_BYTES = 5 * Integer.BYTES + SegmentId.BYTES;
    private static final KvDtype[] DTYPES = KvDtype.values();
    private static final Tier[] TIERS = Tier.values();
    private static final Refusal[] REFUSALS = Refusal.values();

    private TransferCodec() {}

    /**
     * A message as it goes over the wire: first the header, then the payload.
     *
     * @param payload the bytes of a segment, a view; empty for most kinds
     */
    public record Frame(ByteBuffer header, ByteBuffer payload) {
        /** Returns the length of both. */
        public long bytes() {
            return (long) header.remaining() + payload.remaining();
        }
    }

    /** Returns the bytes of a message. Reads those of a segment once, for their checksum. */
    public static Frame encode(TransferMessage message) {
        ByteBuffer payload = message instanceof Data data ? data.bytes().duplicate() : ByteBuffer.allocate(0);
        ByteBuffer header = ByteBuffer.allocate(PREAMBLE + Integer.BYTES + ID_BYTES + bodyBytes(message))
                .order(ByteOrder.LITTLE_ENDIAN);
        header.putInt(MAGIC).putInt(0).putInt(header.capacity()).putInt(payload.remaining());
        header.putInt(kind(message));
        TransferId id = message.id();
        header.putInt(id.sender()).putLong(id.life()).putLong(id.number());
        putBody(message, header);
        header.flip();
        header.putInt(CRC_AT, crc(header, payload));
        return new Frame(header, payload);
    }

    /**
     * Reads a message.
     *
     * @param frame its bytes from position to limit; those of a segment are not copied but viewed
     * @return empty if the frame was cut, changed, or none
     */
    public static Optional<TransferMessage> decode(ByteBuffer frame) {
        ByteBuffer bytes = frame.slice().order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.remaining() < PREAMBLE || bytes.getInt(0) != MAGIC) {
            return Optional.empty();
        }
        int headerBytes = bytes.getInt(CHECKED_FROM);
        int payloadBytes = bytes.getInt(CHECKED_FROM + Integer.BYTES);
        if (headerBytes < PREAMBLE || payloadBytes < 0 || (long) headerBytes + payloadBytes != bytes.remaining()) {
            return Optional.empty();
        }
        ByteBuffer header = bytes.slice(0, headerBytes).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer payload = bytes.slice(headerBytes, payloadBytes).order(ByteOrder.nativeOrder());
        if (bytes.getInt(CRC_AT) != crc(header, payload)) {
            return Optional.empty();
        }
        try {
            header.position(PREAMBLE);
            int kind = header.getInt();
            TransferMessage message =
                    body(kind, new TransferId(header.getInt(), header.getLong(), header.getLong()), header, payload);
            boolean whole = !header.hasRemaining() && (kind == DATA || payloadBytes == 0);
            return whole ? Optional.of(message) : Optional.empty();
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            // Whole, but from one who speaks otherwise.
            return Optional.empty();
        }
    }

    private static int kind(TransferMessage message) {
        if (message instanceof Offer) {
            return OFFER;
        } else if (message instanceof Answer) {
            return ANSWER;
        } else if (message instanceof Refuse) {
            return REFUSE;
        } else if (message instanceof Data) {
            return DATA;
        } else if (message instanceof Commit) {
            return COMMIT;
        } else if (message instanceof Done) {
            return DONE;
        }
        return ABORT;
    }

    private static int bodyBytes(TransferMessage message) {
        if (message instanceof Offer offer) {
            return FORMAT_BYTES
                    + SegmentId.BYTES
                    + 3 * Integer.BYTES
                    + offer.segments().size() * SegmentId.BYTES
                    + offer.tokens().length * Integer.BYTES;
        } else if (message instanceof Answer answer) {
            return 2 * Integer.BYTES + answer.addresses().size() * ADDRESS_BYTES;
        } else if (message instanceof Data) {
            return Integer.BYTES + ADDRESS_BYTES + SegmentId.BYTES;
        } else if (message instanceof Refuse || message instanceof Commit) {
            return Integer.BYTES;
        }
        return 0;
    }

    private static void putBody(TransferMessage message, ByteBuffer to) {
        if (message instanceof Offer offer) {
            putFormat(offer.format(), to);
            to.put(offer.root().bytes()).putInt(offer.from());
            to.putInt(offer.segments().size()).putInt(offer.tokens().length);
            offer.segments().forEach(id -> to.put(id.bytes()));
            for (int token : offer.tokens()) {
                to.putInt(token);
            }
        } else if (message instanceof Answer answer) {
            to.putInt(answer.known()).putInt(answer.addresses().size());
            answer.addresses().forEach(address -> putAddress(address, to));
        } else if (message instanceof Refuse refuse) {
            to.putInt(refuse.reason().ordinal());
        } else if (message instanceof Data data) {
            to.putInt(data.index());
            putAddress(data.to(), to);
            to.put(data.segment().bytes());
        } else if (message instanceof Commit commit) {
            to.putInt(commit.sent());
        }
    }

    private static TransferMessage body(int kind, TransferId id, ByteBuffer from, ByteBuffer payload) {
        return switch (kind) {
            case OFFER -> offer(id, from);
            case ANSWER -> answer(id, from);
            case REFUSE -> new Refuse(id, of(REFUSALS, from.getInt()));
            case DATA -> new Data(id, from.getInt(), address(from), segment(from), payload);
            case COMMIT -> new Commit(id, from.getInt());
            case DONE -> new Done(id);
            case ABORT -> new Abort(id);
            default -> throw new IllegalArgumentException("there is no message of kind " + kind);
        };
    }

    private static Offer offer(TransferId id, ByteBuffer from) {
        SegmentFormat format = format(from);
        SegmentId root = segment(from);
        int first = from.getInt();
        int segmentCount = from.getInt();
        int tokenCount = from.getInt();
        check(segmentCount, SegmentId.BYTES, from);
        List<SegmentId> segments = new ArrayList<>(segmentCount);
        for (int i = 0; i < segmentCount; i++) {
            segments.add(segment(from));
        }
        check(tokenCount, Integer.BYTES, from);
        int[] tokens = new int[tokenCount];
        for (int i = 0; i < tokenCount; i++) {
            tokens[i] = from.getInt();
        }
        return new Offer(id, format, root, first, segments, tokens);
    }

    private static Answer answer(TransferId id, ByteBuffer from) {
        int known = from.getInt();
        int count = from.getInt();
        check(count, ADDRESS_BYTES, from);
        List<SlotAddress> addresses = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            addresses.add(address(from));
        }
        return new Answer(id, known, addresses);
    }

    private static void check(int count, int bytesEach, ByteBuffer from) {
        if (count < 0 || (long) count * bytesEach > from.remaining()) {
            throw new IllegalArgumentException(
                    count + " things of " + bytesEach + " bytes aren't in a message of " + from.limit() + " bytes");
        }
    }

    private static void putFormat(SegmentFormat format, ByteBuffer to) {
        KvLayout layout = format.layout();
        to.putInt(layout.layers()).putInt(layout.kvHeads()).putInt(layout.headDim());
        to.putInt(layout.segmentTokens()).putInt(layout.dtype().ordinal());
        to.put(format.model().bytes());
    }

    private static SegmentFormat format(ByteBuffer from) {
        KvLayout layout =
                new KvLayout(from.getInt(), from.getInt(), from.getInt(), from.getInt(), of(DTYPES, from.getInt()));
        return new SegmentFormat(layout, segment(from));
    }

    private static void putAddress(SlotAddress address, ByteBuffer to) {
        to.putInt(address.node()).putInt(address.tier().ordinal()).putInt(address.slot());
    }

    private static SlotAddress address(ByteBuffer from) {
        return new SlotAddress(from.getInt(), of(TIERS, from.getInt()), from.getInt());
    }

    private static SegmentId segment(ByteBuffer from) {
        byte[] bytes = new byte[SegmentId.BYTES];
        from.get(bytes);
        return SegmentId.of(bytes);
    }

    private static <T> T of(T[] values, int ordinal) {
        if (ordinal < 0 || ordinal >= values.length) {
            throw new IllegalArgumentException("there is no value " + ordinal + " of " + values.length);
        }
        return values[ordinal];
    }

    private static int crc(ByteBuffer header, ByteBuffer payload) {
        CRC32C crc = new CRC32C();
        crc.update(header.slice(CHECKED_FROM, header.limit() - CHECKED_FROM));
        crc.update(payload.duplicate());
        return (int) crc.getValue();
    }
}
