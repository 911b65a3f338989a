package dev.kvasir.engine.config;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What all nodes of a cluster know and nobody else: 32 bytes, which nothing prints. Keys for each purpose are derived from them, so that what is signed
 * for one is no signature for another.
 */
public final class ClusterSecret {
    private static final int BYTES = 32;
    private static final int SHORTEST = 32;
    private static final int LONGEST = 1024;
    private static final String HMAC = "HmacSHA256";

    private final byte[] bytes;

    private ClusterSecret(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Takes 32 random bytes, copied. */
    public static ClusterSecret of(byte[] random) {
        if (random.length != BYTES) {
            throw new IllegalArgumentException("a secret has " + BYTES + " bytes, not " + random.length);
        }
        return new ClusterSecret(random.clone());
    }

    /** Takes a text as a person writes it; the setting's name is for the message if it's no good. */
    static ClusterSecret parse(String setting, String text) {
        if (text.length() < SHORTEST || text.length() > LONGEST || !text.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            // The text itself stays out of the message.
            throw new SettingsException(setting + " must have " + SHORTEST + " to " + LONGEST
                    + " visible ASCII characters, as 'openssl rand -hex 32' makes them");
        }
        try {
            return new ClusterSecret(
                    MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /**
     * Reads the first line of a file that only its owner may read.
     *
     * @throws SettingsException if it can't be read, others may read it, or it holds no good secret
     */
    public static ClusterSecret read(Path file) {
        String text = new String(SecretFile.read("cluster.secretFile", file, LONGEST + 2), StandardCharsets.ISO_8859_1);
        return parse("the first line of cluster.secretFile", text.split("\r?\n", 2)[0]);
    }

    /** Returns the key of a purpose: HMAC-SHA256 of its name, 32 bytes, a fresh array. */
    public byte[] derive(String purpose) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(bytes, HMAC));
            return mac.doFinal(purpose.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("every JDK has HMAC-SHA256", e);
        }
    }

    /** Returns the 32 bytes that tenants' salts are made of, a fresh array. */
    public byte[] saltSecret() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ClusterSecret secret && MessageDigest.isEqual(bytes, secret.bytes);
    }

    @Override
    public int hashCode() {
        return ClusterSecret.class.hashCode(); // says nothing of the bytes
    }

    @Override
    public String toString() {
        return "(a secret)";
    }
}
