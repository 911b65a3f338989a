package dev.kvasir.engine.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What a node proves to others: that it knows the cluster's secret, and that it serves the same. Keys for different ends are derived from the secret
 * with HMAC-SHA256 as in HKDF (RFC 5869), so that what one gives away is no use for another.
 */
final class Credentials {
    static final int MIN_SECRET_BYTES = 16;
    static final int DIGEST_BYTES = 32;

    private final byte[] proofKey;
    private final byte[] identityKey;
    private final byte[] sessionKey;
    private final byte[] identity;

    /**
     * @param secret of {@link #MIN_SECRET_BYTES} at least; not kept
     * @param identity what both ends must serve, such as cluster and model
     */
    Credentials(byte[] secret, String identity) {
        if (secret.length < MIN_SECRET_BYTES) {
            throw new IllegalArgumentException(
                    "a secret of " + secret.length + " bytes can be guessed; it needs " + MIN_SECRET_BYTES);
        }
        this.proofKey = hmac(secret, "kvasir wire 1 proof");
        this.identityKey = hmac(secret, "kvasir wire 1 identity");
        this.sessionKey = hmac(secret, "kvasir wire 1 session");
        this.identity = identity.getBytes(StandardCharsets.UTF_8);
    }

    /** Returns what proves the secret to whoever has heard the same, in a role that says who is speaking. */
    byte[] proof(String role, byte[] transcript) {
        return hmac(proofKey, role, transcript);
    }

    /** Returns what says which identity is served, to those who serve it, too. */
    byte[] identityCheck(String role, byte[] firstNonce, byte[] secondNonce) {
        return hmac(identityKey, role, firstNonce, secondNonce, identity);
    }

    /** Returns the key of one direction of a link, in 16 bytes. */
    byte[] recordKey(String direction, byte[] transcript) {
        byte[] session = hmac(sessionKey, "link", transcript);
        return Arrays.copyOf(hmac(session, direction), RecordCipher.KEY_BYTES);
    }

    /** What is authenticated is unambiguous: every part has its length before it. */
    private static byte[] hmac(byte[] key, String label, byte[]... parts) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            update(mac, label.getBytes(StandardCharsets.UTF_8));
            for (byte[] part : parts) {
                update(mac, part);
            }
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HmacSHA256", e);
        }
    }

    private static void update(Mac mac, byte[] part) {
        mac.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, part.length));
        mac.update(part);
    }
}
