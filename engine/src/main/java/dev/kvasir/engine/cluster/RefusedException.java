package dev.kvasir.engine.cluster;

import dev.kvasir.engine.cluster.ClusterCounters.Count;
import java.nio.ByteBuffer;

/** Says why bytes from elsewhere are no good, and what to count them as. */
final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Count reason;

    private RefusedException(Count reason, String message) {
        super(message, null, false, false); // somebody may send many of them: no stack trace for each
        this.reason = reason;
    }

    Count reason() {
        return reason;
    }

    /** Checks length, version and seal, in this order, and returns what lies between version and seal. */
    static ByteBuffer open(byte[] bytes, int shortest, int longest, byte version, Seal seal, byte[] context)
            throws RefusedException {
        if (bytes.length < shortest || bytes.length > longest) {
            throw new RefusedException(Count.DROPPED_LENGTH, bytes.length + " bytes");
        }
        if (bytes[0] != version) {
            throw new RefusedException(Count.DROPPED_VERSION, "version " + bytes[0]);
        }
        if (!seal.isWhole(bytes, context)) {
            throw new RefusedException(Count.DROPPED_SEAL, "no seal");
        }
        return ByteBuffer.wrap(bytes, 1, bytes.length - 1 - Seal.BYTES);
    }

    /** Checks that nothing is left. */
    static void checkEnd(ByteBuffer from) {
        if (from.hasRemaining()) {
            throw new IllegalArgumentException(from.remaining() + " bytes too many");
        }
    }

    /** Makes one of what a record's own checks say. */
    static RefusedException value(RuntimeException cause) {
        return new RefusedException(Count.DROPPED_VALUE, String.valueOf(cause.getMessage()));
    }
}
