package dev.kvasir.pool;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * A segment's identity: SHA-256 over its parent's identity and its token ids. The chain starts from a root that names model,
 * KV dtype, rotary settings and tenant (see {@link SegmentIdentity}), so equal identities mean equal keys and values.
 */
public record SegmentId(long w0, long w1, long w2, long w3) {
    public static final int BYTES = 32;

    /** Reads an identity from the 32 bytes of a SHA-256 digest. */
    public static SegmentId of(byte[] digest) {
        if (digest.length != BYTES) {
            throw new IllegalArgumentException("an identity has 32 bytes, not " + digest.length);
        }
        ByteBuffer buffer = ByteBuffer.wrap(digest);
        return new SegmentId(buffer.getLong(), buffer.getLong(), buffer.getLong(), buffer.getLong());
    }

    /** Returns the 32 bytes, a fresh array. */
    public byte[] bytes() {
        return ByteBuffer.allocate(BYTES)
                .putLong(w0)
                .putLong(w1)
                .putLong(w2)
                .putLong(w3)
                .array();
    }

    /** Returns the identity in hexadecimal. */
    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes());
    }
}
