package dev.kvasir.engine.cluster;

import dev.kvasir.engine.config.ClusterSecret;
import java.nio.ByteBuffer;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A signature that only who knows the cluster's secret can make: HMAC-SHA256, the first {@link #BYTES} bytes of it. One for each kind of bytes. Thread-safe. */
final class Seal {
    /** Length of a seal: 128 bits, which nobody guesses. */
    static final int BYTES = 16;

    private static final String HMAC = "HmacSHA256";

    private final ThreadLocal<Mac> macs;

    /** Makes the seal of a kind of bytes. */
    Seal(ClusterSecret secret, String kind) {
        SecretKeySpec key = new SecretKeySpec(secret.derive("kvasir directory " + kind), HMAC);
        macs = ThreadLocal.withInitial(() -> mac(key));
    }

    private static Mac mac(SecretKeySpec key) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(key);
            return mac;
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("every JDK has HMAC-SHA256", e);
        }
    }

    /** Seals all that was written to a buffer, whose last {@link #BYTES} bytes are free, and returns its array. */
    byte[] close(ByteBuffer written) {
        return close(written, new byte[0]);
    }

    /** Seals it together with bytes that lie elsewhere. */
    byte[] close(ByteBuffer written, byte[] context) {
        if (written.remaining() != BYTES) {
            throw new IllegalStateException("room for " + written.remaining() + " bytes of a seal");
        }
        byte[] all = written.array();
        written.put(tag(all, context), 0, BYTES);
        return all;
    }

    /** Returns whether bytes end with their seal, in a time that doesn't depend on where they part. */
    boolean isWhole(byte[] sealed) {
        return isWhole(sealed, new byte[0]);
    }

    boolean isWhole(byte[] sealed, byte[] context) {
        if (sealed.length < BYTES) {
            return false;
        }
        byte[] expected = new byte[BYTES];
        System.arraycopy(tag(sealed, context), 0, expected, 0, BYTES);
        byte[] actual = new byte[BYTES];
        System.arraycopy(sealed, sealed.length - BYTES, actual, 0, BYTES);
        return MessageDigest.isEqual(expected, actual);
    }

    private byte[] tag(byte[] sealed, byte[] context) {
        Mac mac = macs.get();
        mac.update(context); // of one length for each kind, so that nothing can be moved between the two
        mac.update(sealed, 0, sealed.length - BYTES);
        return mac.doFinal();
    }
}
