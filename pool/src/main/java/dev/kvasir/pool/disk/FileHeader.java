package dev.kvasir.pool.disk;

import dev.kvasir.pool.SegmentId;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;

/*
 * The file's first block, little-endian:
 *
 * [0, 8)    magic
 * [8, 12)   format version
 * [12, 16)  CRC32C of [16, 60)
 * [16, 48)  fingerprint
 * [48, 60)  segment bytes, segment tokens, slots
 */
/** What a file says about itself. */
final class FileHeader {
    private static final int VERSION = 1;
    private static final byte[] MAGIC = "kvasirKV".getBytes(StandardCharsets.US_ASCII);
    private static final int CRC_AT = 12;
    private static final int CHECKED_FROM = 16;
    private static final int END = CHECKED_FROM + SegmentId.BYTES + 3 * Integer.BYTES;

    /** What became of reading it: what differs, or how many slots the file has. */
    record Verdict(Optional<String> difference, int slots) {}

    private FileHeader() {}

    /** Returns the first block of a file of {@code slots} slots, else as in {@code geometry}. */
    static ByteBuffer encode(DiskGeometry geometry, int slots) {
        ByteBuffer block = ByteBuffer.allocate(FileLayout.BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        block.put(MAGIC).putInt(VERSION).putInt(0).put(geometry.fingerprint());
        block.putInt(geometry.segmentBytes()).putInt(geometry.segmentTokens()).putInt(slots);
        return block.putInt(CRC_AT, crc(block)).rewind();
    }

    /** Returns whether a file that begins so is a store's, or the beginning of one. */
    static boolean isStore(ByteBuffer block) {
        int count = Math.min(MAGIC.length, block.limit());
        return count > 0 && Arrays.equals(Arrays.copyOf(MAGIC, count), copy(block, 0, count));
    }

    /** Compares a file's first block with what it ought to be but for the number of slots. */
    static Verdict compare(ByteBuffer block, DiskGeometry geometry) {
        block.order(ByteOrder.LITTLE_ENDIAN);
        int version = block.getInt(MAGIC.length);
        if (version != VERSION) {
            return different("is of format version " + version + ", not " + VERSION);
        }
        if (crc(block) != block.getInt(CRC_AT)) {
            return different("has a damaged header");
        }
        block.position(CHECKED_FROM + SegmentId.BYTES);
        int segmentBytes = block.getInt();
        int segmentTokens = block.getInt();
        int slots = block.getInt();
        if (segmentTokens != geometry.segmentTokens()) {
            return different("has segments of " + segmentTokens + " tokens, not " + geometry.segmentTokens());
        }
        if (segmentBytes != geometry.segmentBytes()) {
            return different("has segments of " + segmentBytes + " bytes, not " + geometry.segmentBytes());
        }
        if (!Arrays.equals(copy(block, CHECKED_FROM, SegmentId.BYTES), geometry.fingerprint())) {
            return different("has segments of another model, layout or dtype");
        }
        return slots < 0 ? different("has a damaged header") : new Verdict(Optional.empty(), slots);
    }

    private static Verdict different(String difference) {
        return new Verdict(Optional.of(difference), 0);
    }

    private static byte[] copy(ByteBuffer block, int at, int count) {
        byte[] bytes = new byte[count];
        block.get(at, bytes);
        return bytes;
    }

    private static int crc(ByteBuffer block) {
        CRC32C crc = new CRC32C();
        crc.update(block.slice(CHECKED_FROM, END - CHECKED_FROM));
        return (int) crc.getValue();
    }
}
