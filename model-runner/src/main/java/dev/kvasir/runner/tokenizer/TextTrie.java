package dev.kvasir.runner.tokenizer;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A set of texts that is matched against a position of another text, in time bounded by the longest text of the set. */
final class TextTrie {
    private static final class Node {
        final Map<Character, Node> children = new HashMap<>();
        boolean isText;
    }

    private final Node root = new Node();

    TextTrie(Collection<String> texts) {
        for (String text : texts) {
            Node node = root;
            for (int i = 0; i < text.length(); i++) {
                node = node.children.computeIfAbsent(text.charAt(i), c -> new Node());
            }
            node.isText = true;
        }
    }

    /** Returns the length of the longest text that stands at a position, 0 for none. */
    int longestAt(CharSequence sequence, int from) {
        @Nullable Node node = root;
        int longest = 0;
        for (int i = from; i < sequence.length(); i++) {
            node = node.children.get(sequence.charAt(i));
            if (node == null) {
                break;
            }
            if (node.isText) {
                longest = i + 1 - from;
            }
        }
        return longest;
    }

    /** Returns whether {@code [from, to)} is the beginning of a text of the set. */
    boolean begins(CharSequence sequence, int from, int to) {
        @Nullable Node node = root;
        for (int i = from; i < to; i++) {
            node = node.children.get(sequence.charAt(i));
            if (node == null) {
                return false;
            }
        }
        return true;
    }
}
