package dev.kvasir.pool.tenant;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/** Tenant salts: HMAC-SHA256 of the tenant's name under a secret. Nodes with the same secret agree on them. Thread-safe. */
public final class TenantSalts {
    /** Length of the secret and of a salt. */
    public static final int BYTES = 32;

    private static final String ALGORITHM = "HmacSHA256";

    private final SecretKey secret;

    /** Takes a secret of 32 bytes, copied. */
    public TenantSalts(byte[] secret) {
        if (secret.length != BYTES) {
            throw new IllegalArgumentException("the secret has " + secret.length + " bytes, not " + BYTES);
        }
        this.secret = new SecretKeySpec(secret, ALGORITHM);
    }

    /**
     * Returns the salt of a tenant, a fresh array of 32 bytes.
     *
     * @param tenant name or API key; a string that is no Unicode text (half a surrogate pair) is refused, as two of them
     *     would get the same salt
     */
    public byte[] salt(String tenant) {
        try {
            ByteBuffer name = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(tenant));
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(secret);
            mac.update(name);
            return mac.doFinal();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(
                    "a tenant's name of " + tenant.length() + " characters is not Unicode text", e);
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("every JDK has HMAC-SHA256", e);
        }
    }
}
