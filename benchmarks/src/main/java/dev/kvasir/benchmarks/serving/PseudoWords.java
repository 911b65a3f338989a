package dev.kvasir.benchmarks.serving;

import java.util.random.RandomGenerator;

/**
 * Words that mean nothing, made of syllables: text that no server has seen, that every tokenizer splits at about the same
 * rate throughout, and that holds no special token.
 */
public final class PseudoWords {
    private static final String CONSONANTS = "bdfgklmnprstvz";
    private static final String VOWELS = "aeiou";

    private PseudoWords() {}

    /** Returns {@code count} words with a blank between them. */
    public static String text(int count, RandomGenerator random) {
        StringBuilder text = new StringBuilder(7 * count);
        for (int i = 0; i < count; i++) {
            if (i > 0) {
                text.append(' ');
            }
            int syllables = 2 + random.nextInt(2);
            for (int s = 0; s < syllables; s++) {
                text.append(CONSONANTS.charAt(random.nextInt(CONSONANTS.length())));
                text.append(VOWELS.charAt(random.nextInt(VOWELS.length())));
            }
        }
        return text.toString();
    }
}
