package dev.kvasir.engine.config;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A client's key, kept as its digest alone so that nothing can print it.
 *
 * <p>Written {@code name:key} or {@code key}, and behind it what limits it has of its own: {@code requests=60 tokens=10000 concurrent=4}. The tenant is the name, or for a key without one the digest of the key: an order in
 * the file must not decide who shares whose cache.
 */
public final class ApiKey {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final int SHORTEST = 8;
    private static final int LONGEST = 512;

    private final String tenant;
    private final byte[] digest;
    private final KeyLimits limits;

    private ApiKey(String tenant, byte[] digest, KeyLimits limits) {
        this.tenant = tenant;
        this.digest = digest;
        this.limits = limits;
    }

    static ApiKey parse(String setting, String line) {
        List<String> words = List.of(line.strip().split("[ \t]+"));
        String text = words.get(0);
        int colon = text.indexOf(':');
        String key = text.substring(colon + 1);
        if (key.length() < SHORTEST || key.length() > LONGEST || !key.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            // The text itself is a secret and stays out of the message.
            throw new SettingsException(setting + " holds a key that isn't " + SHORTEST + " to " + LONGEST
                    + " visible ASCII characters, written key or name:key");
        }
        byte[] digest = sha256(key);
        KeyLimits limits = KeyLimits.parse(setting, words.subList(1, words.size()));
        if (colon < 0) {
            return new ApiKey("key:" + HexFormat.of().formatHex(digest), digest, limits);
        }
        String name = text.substring(0, colon);
        if (!NAME.matcher(name).matches()) {
            throw new SettingsException(
                    setting + " holds a name that isn't 1 to 64 letters, digits, dots, dashes or underscores");
        }
        return new ApiKey(name, digest, limits);
    }

    /** Returns the tenant that the key stands for. */
    public String tenant() {
        return tenant;
    }

    /** Returns the limits of its own. */
    public KeyLimits limits() {
        return limits;
    }

    /** Returns whether a digest made by {@link #sha256} is this key's, in a time that doesn't depend on where they part. */
    public boolean matches(byte[] candidate) {
        return MessageDigest.isEqual(digest, candidate);
    }

    /** Returns the digest of a key that a client sent. */
    public static byte[] sha256(String key) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** Keys are equal if their texts are, whatever their names. */
    @Override
    public boolean equals(Object other) {
        return other instanceof ApiKey key && key.matches(digest);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(digest);
    }

    @Override
    public String toString() {
        return tenant.startsWith("key:") ? "(a key)" : tenant;
    }
}
