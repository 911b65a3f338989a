package dev.kvasir.engine.batch;

import java.util.HexFormat;
import java.util.random.RandomGenerator;

/** Ids that nobody can guess: 128 bits of a secure generator. */
final class Ids {
    private Ids() {}

    static String create(String prefix, RandomGenerator random) {
        byte[] bytes = new byte[16];
        random.nextBytes(bytes);
        return prefix + HexFormat.of().formatHex(bytes);
    }

    static boolean is(String prefix, String text) {
        return text.length() == prefix.length() + 32
                && text.startsWith(prefix)
                && text.substring(prefix.length()).chars().allMatch(c -> c >= '0' && c <= '9' || c >= 'a' && c <= 'f');
    }
}
