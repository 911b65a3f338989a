package dev.kvasir.engine.wire;

import java.nio.ByteBuffer;

/**
 * What stands before each record, in clear and covered by its tag. Big-endian:
 *
 * <pre>
 *   0  magic      2   0x4b57
 *   2  version    1   1
 *   3  kind       1   0 control, else 1 + ordinal of the channel
 *   4  length     4   of the text that follows, without the tag
 *   8  remaining  4   bytes of the frame from this record on, this one's included
 *  12  sequence   8   counts the records of a direction of a link from 0
 * </pre>
 */
record RecordHeader(int kind, int length, int remaining, long sequence) {
    static final int BYTES = 20;
    static final int TAG_BYTES = 16;
    /** Bytes of a record that aren't text. */
    static final int OVERHEAD = BYTES + TAG_BYTES;

    static final int CONTROL = 0;

    private static final short MAGIC = 0x4b57;
    private static final byte VERSION = 1;

    /** Writes it, which moves the position by {@link #BYTES}. */
    void encode(ByteBuffer to) {
        to.putShort(MAGIC)
                .put(VERSION)
                .put((byte) kind)
                .putInt(length)
                .putInt(remaining)
                .putLong(sequence);
    }

    /** Returns whether the frame ends with this record. */
    boolean isLast() {
        return length == remaining;
    }

    /** Returns how many bytes follow it. */
    int sealedBytes() {
        return length + TAG_BYTES;
    }

    /** Returns what it takes of the credit. */
    int cost() {
        return length + OVERHEAD;
    }

    /**
     * Reads one, which moves the position by {@link #BYTES}. It is checked as far as it can be without the key, so that nothing is kept for what
     * can't be right.
     *
     * @param from big-endian, with {@link #BYTES} bytes at least
     * @param kinds how many kinds there are
     * @param expected sequence that must come now
     */
    static RecordHeader decode(ByteBuffer from, int kinds, int recordBytes, int maxFrameBytes, long expected)
            throws DroppedException {
        short magic = from.getShort();
        byte version = from.get();
        int kind = from.get() & 0xff;
        int length = from.getInt();
        int remaining = from.getInt();
        long sequence = from.getLong();
        if (magic != MAGIC || version != VERSION || kind >= kinds) {
            throw new DroppedException(Drop.BAD_HEADER, "magic " + magic + ", version " + version + ", kind " + kind);
        }
        if (length < 0 || remaining < 0 || length > recordBytes || remaining > maxFrameBytes) {
            throw new DroppedException(Drop.OVERSIZED, "a record of " + length + " bytes of " + remaining);
        }
        if (length > remaining || (length == 0 && remaining != 0)) {
            throw new DroppedException(Drop.BROKEN_FRAME, length + " bytes of " + remaining);
        }
        if (sequence != expected) {
            boolean seen = Long.compareUnsigned(sequence, expected) < 0;
            throw new DroppedException(
                    seen ? Drop.REPLAYED : Drop.OUT_OF_ORDER, "record " + sequence + " instead of " + expected);
        }
        return new RecordHeader(kind, length, remaining, sequence);
    }
}
