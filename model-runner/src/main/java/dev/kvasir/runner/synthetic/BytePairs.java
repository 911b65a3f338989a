package dev.kvasir.runner.synthetic;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A byte-pair vocabulary under construction: base tokens, then one token for each merge of two earlier ones.
 *
 * <p>Words are learned in turn: a word is encoded by the merges there are, and its first two tokens are merged until one is left. As later
 * merges rank lower than all earlier ones, they change the encoding of no earlier word, so every token is what its own text encodes to.
 */
final class BytePairs {
    private final List<String> tokens;
    private final Map<String, Integer> ids = new HashMap<>();
    private final int baseTokens;
    // Pair of ids -> id of the token they merge to. Ids rise with the rank of the merge, so the id is the rank.
    private final Map<Long, Integer> merges = new HashMap<>();
    private final List<String> mergeLines = new ArrayList<>();

    BytePairs(List<String> base) {
        tokens = new ArrayList<>(base);
        baseTokens = base.size();
        for (int id = 0; id < baseTokens; id++) {
            ids.put(base.get(id), id);
        }
    }

    /**
     * Adds merges until the word is one token or the vocabulary has reached {@code limit} tokens.
     *
     * @param word characters that are base tokens each
     */
    void learn(String word, int limit) {
        List<Integer> pieces = encode(word);
        while (pieces.size() > 1 && tokens.size() < limit) {
            String merged = tokens.get(pieces.get(0)) + tokens.get(pieces.get(1));
            if (ids.containsKey(merged)) {
                // There already, by another way that this word's encoding never comes through: leave the word.
                return;
            }
            int id = tokens.size();
            tokens.add(merged);
            ids.put(merged, id);
            merges.put(pair(pieces.get(0), pieces.get(1)), id);
            mergeLines.add(tokens.get(pieces.get(0)) + " " + tokens.get(pieces.get(1)));
            pieces = encode(word);
        }
    }

    /**
     * Adds a word as a token that no merge makes, unless it is one or the vocabulary has {@code limit} tokens.
     *
     * @param word characters that are base tokens each
     */
    void addWhole(String word, int limit) {
        if (tokens.size() < limit && ids.putIfAbsent(word, tokens.size()) == null) {
            tokens.add(word);
        }
    }

    /** Returns how many tokens there are. */
    int size() {
        return tokens.size();
    }

    /** Returns the tokens by id. */
    List<String> tokens() {
        return tokens;
    }

    /** Returns the merges in order of rank, as {@code tokenizer.json} writes them. */
    List<String> mergeLines() {
        return mergeLines;
    }

    private List<Integer> encode(String word) {
        List<Integer> pieces = new ArrayList<>();
        word.codePoints().forEach(c -> {
            Integer id = ids.get(Character.toString(c));
            if (id == null || id >= baseTokens) {
                throw new IllegalArgumentException("the word " + word + " has a character that is no base token");
            }
            pieces.add(id);
        });
        while (true) {
            int best = Integer.MAX_VALUE;
            int at = -1;
            for (int i = 0; i + 1 < pieces.size(); i++) {
                int merged = merges.getOrDefault(pair(pieces.get(i), pieces.get(i + 1)), Integer.MAX_VALUE);
                if (merged < best) {
                    best = merged;
                    at = i;
                }
            }
            if (at < 0) {
                return pieces;
            }
            pieces.set(at, best);
            pieces.remove(at + 1);
        }
    }

    private static long pair(int left, int right) {
        return (long) left << 32 | right;
    }
}
