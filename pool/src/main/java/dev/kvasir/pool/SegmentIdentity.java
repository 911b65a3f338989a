package dev.kvasir.pool;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The identity chain of segments. Root = SHA-256(domain, model fingerprint, KV dtype and form, rotary settings, tenant salt); child =
 * SHA-256(parent, token ids as little-endian int32), of which the last word is replaced by the root's: it names the tenant, in every identity of a
 * chain, so that a segment counts for the right one even where only its parent is known. Every variable-length part is preceded by its
 * length, so that no two different inputs give the same bytes.
 */
public final class SegmentIdentity {
    private static final byte[] DOMAIN = "kvasir segment chain 2".getBytes(StandardCharsets.UTF_8);
    private static final byte[] SALTED = "kvasir salted root 1".getBytes(StandardCharsets.UTF_8);
    private static final int ALIAS_DIGITS = 16;

    private SegmentIdentity() {}

    /**
     * Returns where a tenant's chain starts.
     *
     * @param fingerprint SHA-256 of the model's config and weights
     * @param dtype how keys and values are stored
     * @param rope rotary settings in any canonical text
     * @param tenantSalt secret of the tenant; equal salts share their segments
     */
    public static SegmentId root(byte[] fingerprint, KvDtype dtype, String rope, byte[] tenantSalt) {
        return root(fingerprint, dtype.name(), rope, tenantSalt);
    }

    /**
     * Returns where a tenant's chain starts.
     *
     * @param fingerprint SHA-256 of the model's config and weights
     * @param form the dtype's name, followed by the name of every inexact form that segments may pass through in the tiers below: what has been through
     *     one must never be taken for what hasn't
     * @param rope rotary settings in any canonical text
     * @param tenantSalt secret of the tenant; equal salts share their segments
     */
    public static SegmentId root(byte[] fingerprint, String form, String rope, byte[] tenantSalt) {
        MessageDigest sha = sha256();
        update(sha, DOMAIN);
        update(sha, fingerprint);
        update(sha, form.getBytes(StandardCharsets.UTF_8));
        update(sha, rope.getBytes(StandardCharsets.UTF_8));
        update(sha, tenantSalt);
        return SegmentId.of(sha.digest());
    }

    /**
     * Returns another root of the same tenant: what lies behind different salts is never shared, but counts as one tenant's.
     *
     * @param root the tenant's
     * @param salt any bytes; equal salts share their segments
     */
    public static SegmentId salted(SegmentId root, byte[] salt) {
        MessageDigest sha = sha256();
        update(sha, SALTED);
        update(sha, root.bytes());
        update(sha, salt);
        return ofTenant(SegmentId.of(sha.digest()), root);
    }

    /**
     * Returns the number of the tenant whose root or segment it is: that of the tenant's root, of all roots that were {@linkplain #salted salted} from
     * it and of everything behind these, and nearly always no other's.
     */
    public static long tenant(SegmentId root) {
        // Told by the root itself, so that what a disk has kept since before a restart counts for the right one.
        return root.w3();
    }

    /** Returns a name under which the tenant of a root can be shown to a person; see {@link #alias}. */
    public static String tenantAlias(SegmentId root) {
        return alias(sha256().digest(
                        ByteBuffer.allocate(Long.BYTES).putLong(tenant(root)).array()));
    }

    /** Returns the identity of the segment that holds {@code tokens[from, to)} after {@code parent}. */
    public static SegmentId next(SegmentId parent, int[] tokens, int from, int to) {
        ByteBuffer buffer = ByteBuffer.allocate((to - from) * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = from; i < to; i++) {
            buffer.putInt(tokens[i]);
        }
        MessageDigest sha = sha256();
        sha.update(parent.bytes());
        sha.update(buffer.array());
        return ofTenant(SegmentId.of(sha.digest()), parent);
    }

    /** 192 bits of a digest remain: nobody finds two inputs with the same. */
    private static SegmentId ofTenant(SegmentId digest, SegmentId parent) {
        return new SegmentId(digest.w0(), digest.w1(), digest.w2(), parent.w3());
    }

    /**
     * Returns a name under which an identity can be shown to a person: the first 16 hexadecimal digits of its SHA-256. Equal
     * identities have equal aliases; nothing can be looked up with one.
     */
    public static String alias(SegmentId id) {
        return alias(sha256().digest(id.bytes()));
    }

    private static String alias(byte[] digest) {
        return HexFormat.of().formatHex(digest, 0, ALIAS_DIGITS / 2);
    }

    /** Checks that a text has the form of an alias. */
    static void checkAlias(String alias) {
        boolean hex = alias.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
        if (alias.length() != ALIAS_DIGITS || !hex) {
            throw new IllegalArgumentException("an alias has " + ALIAS_DIGITS + " hexadecimal digits");
        }
    }

    private static void update(MessageDigest sha, byte[] part) {
        sha.update(ByteBuffer.allocate(Integer.BYTES).putInt(part.length).array());
        sha.update(part);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
