package dev.kvasir.runner.synthetic;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/** Words for a synthetic vocabulary, most useful first: common English ones, then made-up ones of more and more syllables. */
final class WordList implements Iterable<String> {
    private static final String[] COMMON =
            ("the of and to in a is that it for was on are as with his they at be this have from or one had by"
                            + " but not what all were we when your can said there use an each which she do how their if will up other"
                            + " about out many then them these so some her would make like him into time has look two more write go see"
                            + " number no way could people my than first water been call who its now find long down day did get come made"
                            + " may part over new sound take only little work know place year live me back give most very after thing our"
                            + " just name good sentence man think say great where help through much before line right too mean old any same"
                            + " tell boy follow came want show also around form three small set put end does another well large must big"
                            + " even such because turn here why ask went men read need land different home us move try kind hand picture"
                            + " again change off play spell air away animal house point page letter mother answer found study still learn"
                            + " should world high every near add food between own below country plant last school father keep tree never"
                            + " start city earth eye light thought head under story saw left few while along might close something seem"
                            + " next hard open example begin life always those both paper together got group often run")
                    .split(" ");
    private static final String[] ENDINGS = {"ing", "ed", "er", "ly", "tion", "ment", "ness", "est", "able", "ful", "s"
    };
    private static final String[] ONSETS = {
        "b", "br", "c", "ch", "d", "dr", "f", "fl", "g", "gr", "h", "j", "k", "l", "m", "n", "p", "pl", "r", "s", "sh",
        "st", "t", "th", "tr", "v", "w", "z"
    };
    private static final String[] NUCLEI = {"a", "e", "i", "o", "u", "ai", "ea", "oo"};
    private static final String[] CODAS = {"", "l", "n", "m", "r", "s", "t", "ck", "nd", "rt"};
    // Prime to the number of syllables and of pairs of them, so that stepping by it visits all in a mixed order.
    private static final int STRIDE = 1_000_003;

    private final String space;
    private final List<String> syllables = new ArrayList<>();

    /** Makes a list whose leading spaces are written as {@code space}. */
    WordList(String space) {
        this.space = space;
        for (String onset : ONSETS) {
            for (String nucleus : NUCLEI) {
                for (String coda : CODAS) {
                    syllables.add(onset + nucleus + coda);
                }
            }
        }
    }

    @Override
    public Iterator<String> iterator() {
        List<String> first = new ArrayList<>();
        for (String word : COMMON) {
            first.add(space + word);
        }
        Collections.addAll(first, ENDINGS);
        for (String word : COMMON) {
            first.add(word);
            first.add(space + capitalised(word));
        }
        return new Iterator<>() {
            private int index;

            @Override
            public boolean hasNext() {
                return index < first.size() + madeUp();
            }

            @Override
            public String next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                int i = index++;
                return i < first.size() ? first.get(i) : madeUp(i - first.size());
            }
        };
    }

    private int madeUp() {
        return syllables.size() + syllables.size() * syllables.size();
    }

    // First every syllable, with a space before every other one; then pairs of syllables.
    private String madeUp(int index) {
        int count = syllables.size();
        if (index < count) {
            String syllable = syllables.get((int) ((long) index * STRIDE % count));
            return index % 2 == 0 ? space + syllable : syllable;
        }
        int pair = (int) ((long) (index - count) * STRIDE % ((long) count * count));
        String word = syllables.get(pair / count) + syllables.get(pair % count);
        return pair % 4 == 0 ? word : space + word;
    }

    private static String capitalised(String word) {
        return Character.toUpperCase(word.charAt(0)) + word.substring(1);
    }
}
