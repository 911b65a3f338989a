package dev.kvasir.pool.disk;

import dev.kvasir.pool.SegmentHeader;
import dev.kvasir.pool.SegmentId;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.zip.CRC32C;

/** Writes and reads the headers of records. */
final class RecordCodec {
    /*
     * Little-endian:
     *
     * [0, 4)            SEALED, or WRITING from before the first byte of a payload is written until after the last; nothing but zeros if the slot is empty
     * [4, 8)            CRC32C of the fingerprint and [8, end), so that a header of another file's days is none
     * [8, 16)           version
     * [16, 28)          slot, tokens, bytes: a header that went astray is none either
     * [28, 32)          CRC32C of the payload
     * [32, 128)         root, parent, id
     * [128, end)        token ids
     */
    private static final int SEALED = 0x4c414553; // "SEAL"
    private static final int WRITING = 0x54495257; // "WRIT"
    private static final int CRC_AT = 4;
    private static final int CHECKED_FROM = 8;
    private static final int IDENTITY_AT = 32;
    private static final int TOKENS_AT = IDENTITY_AT + 3 * SegmentId.BYTES;

    private final DiskGeometry geometry;
    private final int end;
    private final ByteBuffer zeros;

    RecordCodec(DiskGeometry geometry) {
        this.geometry = geometry;
        end = bytes(geometry.segmentTokens());
        zeros = ByteBuffer.allocate(end).asReadOnlyBuffer();
    }

    /** Returns the bytes of a header without its padding. */
    static int bytes(int segmentTokens) {
        return TOKENS_AT + segmentTokens * Integer.BYTES;
    }

    /** Writes the header of a whole record to {@code to}'s beginning. */
    void putSealed(StoredRecord stored, ByteBuffer to) {
        ByteBuffer header = to.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        header.putInt(SEALED).putInt(0).putLong(stored.version()).putInt(stored.slot());
        header.putInt(geometry.segmentTokens()).putInt(geometry.segmentBytes()).putInt(stored.payloadCrc());
        putIdentity(stored.segment(), header);
        header.putInt(CRC_AT, crc(header));
    }

    /** Writes the header of a record that is being written to {@code to}'s beginning. */
    void putWriting(ByteBuffer to) {
        to.duplicate().order(ByteOrder.LITTLE_ENDIAN).putInt(WRITING);
    }

    /** Returns whether nothing was ever written there, or it was erased. */
    boolean isEmpty(ByteBuffer from) {
        return from.slice(0, end).equals(zeros.duplicate());
    }

    /** Reads a header. Empty if it isn't that of a whole record in that slot. */
    Optional<StoredRecord> get(ByteBuffer from, int slot) {
        ByteBuffer header = from.slice(0, end).order(ByteOrder.LITTLE_ENDIAN);
        if (header.getInt(0) != SEALED || header.getInt(CRC_AT) != crc(header)) {
            return Optional.empty();
        }
        header.position(CHECKED_FROM);
        long version = header.getLong();
        if (header.getInt() != slot
                || header.getInt() != geometry.segmentTokens()
                || header.getInt() != geometry.segmentBytes()) {
            return Optional.empty();
        }
        int payloadCrc = header.getInt();
        SegmentId root = id(header);
        SegmentId parent = id(header);
        SegmentId id = id(header);
        int[] tokens = new int[geometry.segmentTokens()];
        header.asIntBuffer().get(tokens);
        SegmentHeader segment = new SegmentHeader(root, parent, id, tokens);
        return segment.isGenuine()
                ? Optional.of(new StoredRecord(slot, version, segment, payloadCrc))
                : Optional.empty();
    }

    /** Returns a checksum of all that a segment's header says. */
    static int identityCrc(SegmentHeader segment) {
        ByteBuffer identity = ByteBuffer.allocate(bytes(segment.tokens().length) - IDENTITY_AT)
                .order(ByteOrder.LITTLE_ENDIAN);
        putIdentity(segment, identity);
        CRC32C crc = new CRC32C();
        crc.update(identity.flip());
        return (int) crc.getValue();
    }

    private static void putIdentity(SegmentHeader segment, ByteBuffer to) {
        to.put(segment.root().bytes())
                .put(segment.parent().bytes())
                .put(segment.id().bytes());
        for (int token : segment.tokens()) {
            to.putInt(token);
        }
    }

    private static SegmentId id(ByteBuffer from) {
        byte[] digest = new byte[SegmentId.BYTES];
        from.get(digest);
        return SegmentId.of(digest);
    }

    private int crc(ByteBuffer header) {
        CRC32C crc = new CRC32C();
        crc.update(geometry.fingerprint());
        crc.update(header.slice(CHECKED_FROM, end - CHECKED_FROM));
        return (int) crc.getValue();
    }
}
