package dev.kvasir.engine.cluster;

import dev.kvasir.pool.SegmentId;
import java.nio.ByteBuffer;

/**
 * That a node holds a segment; an entry of the map {@code kvasir.segments}, which that node alone writes. Big-endian.
 *
 * <pre>
 * key     number 4 | segment 32
 * value   version 1 | kind 1 | delta's number 8 | seal 16 of key and value
 * </pre>
 */
final class SegmentEntry {
    static final int KEY_BYTES = Integer.BYTES + SegmentId.BYTES;

    private static final byte VERSION = 1;
    private static final int VALUE_BYTES = 1 + 1 + 8 + Seal.BYTES;

    private SegmentEntry() {}

    static byte[] key(int node, SegmentId id) {
        return ByteBuffer.allocate(KEY_BYTES)
                .putInt(node)
                .putLong(id.w0())
                .putLong(id.w1())
                .putLong(id.w2())
                .putLong(id.w3())
                .array();
    }

    /** Returns the number that a key begins with, or -1 if it's no key. */
    static int node(byte[] key) {
        return key.length == KEY_BYTES ? ByteBuffer.wrap(key).getInt() : -1;
    }

    static byte[] value(byte[] key, boolean replica, long delta, Seal seal) {
        Change.Kind kind = replica ? Change.Kind.REPLICA : Change.Kind.HELD;
        return seal.close(
                ByteBuffer.allocate(VALUE_BYTES)
                        .put(VERSION)
                        .put((byte) kind.ordinal())
                        .putLong(delta),
                key);
    }

    /**
     * Reads an entry.
     *
     * @throws RefusedException if it is none, or not sealed
     */
    static Change decode(byte[] key, byte[] value, Seal seal) throws RefusedException {
        ByteBuffer from = RefusedException.open(value, VALUE_BYTES, VALUE_BYTES, VERSION, seal, key);
        try {
            Change.Kind kind = Change.Kind.values()[from.get()];
            if (kind == Change.Kind.WITHDRAWN) {
                throw new IllegalArgumentException("what is held no longer is no entry");
            }
            ByteBuffer id = ByteBuffer.wrap(key, Integer.BYTES, SegmentId.BYTES);
            return new Change(new SegmentId(id.getLong(), id.getLong(), id.getLong(), id.getLong()), kind);
        } catch (RuntimeException e) {
            throw RefusedException.value(e);
        }
    }
}
