package dev.kvasir.runner.tokenizer;

import dev.kvasir.runner.Tokenizer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The texts that would steer the model if they came from a template, and the means to keep them text where they come from a
 * message. Immutable.
 *
 * <p>Use: {@link #chooseMarker} over all contents of a request, {@link #protect} each content with it, render the template, and
 * give prompt and marker to {@link Tokenizer#encodePrompt}. Contents are whatever a client writes: message
 * texts, tool descriptions, arguments and results. Roles and other words that a template compares must stay as they are.
 */
public final class ControlText {
    /*
     * Where protect puts markers:
     *
     *   after the first character of every control text in the content, overlapping ones too. A control text of one character
     *   can't be broken inside: it gets two markers behind it, and unbrokenAt knows.
     *
     *   at the content's ends, where it could become a control text together with what the template or a neighbouring content
     *   writes there ("<|im_" at the end of one message, "end|>" at the start of the next): if the content ends with the
     *   beginning of a control text, begins with the end of one, or is the inside of one. Space around the content is left
     *   outside, so that the template's trim still finds it.
     *
     * The marker is gone before anything is encoded, so it costs no token and changes none.
     */
    private static final char FIRST_NONCHARACTER = '\uFDD0';
    private static final char LAST_NONCHARACTER = '\uFDEF';

    private final TextTrie texts;
    private final TextTrie suffixes; // every end of a control text, for contents that continue one
    private final int longest;

    /** @param texts the control texts, {@link Tokenizer#specialTexts()} */
    public ControlText(Collection<String> texts) {
        this.texts = new TextTrie(texts);
        List<String> ends = new ArrayList<>();
        for (String text : texts) {
            for (int i = 1; i < text.length(); i++) {
                ends.add(text.substring(i));
            }
        }
        this.suffixes = new TextTrie(ends);
        this.longest = texts.stream().mapToInt(String::length).max().orElse(0);
    }

    /** Returns all control texts of a tokenizer: for contents that other people than the model wrote. */
    public static ControlText of(Tokenizer tokenizer) {
        return new ControlText(tokenizer.specialTexts());
    }

    /**
     * Returns the special tokens alone: for the model's own earlier replies, in which a {@code <think>} or {@code <tool_call>} was
     * control when the model wrote it, and a template looks for it.
     */
    public static ControlText ofReplies(Tokenizer tokenizer) {
        return new ControlText(
                tokenizer.specialTokens().stream().map(tokenizer::textOf).toList());
    }

    /**
     * Returns a character that occurs in none of the contents: one of the 32 noncharacters that Unicode reserves for uses like
     * this.
     *
     * @throws IllegalArgumentException if the contents use all of them, which no honest text does
     */
    public static char chooseMarker(Collection<String> contents) {
        boolean[] used = new boolean[LAST_NONCHARACTER - FIRST_NONCHARACTER + 1];
        for (String content : contents) {
            for (int i = 0; i < content.length(); i++) {
                char c = content.charAt(i);
                if (c >= FIRST_NONCHARACTER && c <= LAST_NONCHARACTER) {
                    used[c - FIRST_NONCHARACTER] = true;
                }
            }
        }
        for (int i = 0; i < used.length; i++) {
            if (!used[i]) {
                return (char) (FIRST_NONCHARACTER + i);
            }
        }
        throw new IllegalArgumentException("the messages use all 32 noncharacters from U+FDD0 to U+FDEF");
    }

    /** Returns the content with markers where it would be, or could become, a control text. */
    public String protect(String content, char marker) {
        SortedMap<Integer, Integer> markers = new TreeMap<>(); // position to how many
        for (int i = 0; i < content.length(); i++) {
            int length = texts.longestAt(content, i);
            if (length > 0) {
                int first = Character.charCount(content.codePointAt(i));
                // One marker behind the first character breaks every text here, except the one that is this character.
                boolean single = texts.longestAt(content.substring(i, Math.min(i + first, content.length())), 0) > 0;
                markers.merge(i + first, single ? 2 : 1, Math::max);
            }
        }
        markEnds(content, 0, content.length(), markers);
        int from = 0;
        int to = content.length();
        while (from < to && Character.isWhitespace(content.charAt(from))) {
            from++;
        }
        while (to > from && Character.isWhitespace(content.charAt(to - 1))) {
            to--;
        }
        markEnds(content, from, to, markers);
        return markers.isEmpty() ? content : insert(content, marker, markers);
    }

    /** Returns the length of the control text that stands unbroken at a position of a prompt, 0 for none. */
    int unbrokenAt(CharSequence prompt, int position, char marker) {
        int length = texts.longestAt(prompt, position);
        if (length == 0) {
            return 0;
        }
        boolean single = length == Character.charCount(Character.codePointAt(prompt, position));
        boolean broken = single
                && position + length + 1 < prompt.length()
                && prompt.charAt(position + length) == marker
                && prompt.charAt(position + length + 1) == marker;
        return broken ? 0 : length;
    }

    private void markEnds(String content, int from, int to, SortedMap<Integer, Integer> markers) {
        int length = to - from;
        if (length == 0) {
            return;
        }
        for (int i = Math.max(from, to - longest + 1); i < to; i++) {
            if (texts.begins(content, i, to)) {
                markers.merge(to, 1, Math::max);
                break;
            }
        }
        boolean continues = suffixes.longestAt(content.substring(from, Math.min(to, from + longest)), 0) > 0;
        boolean inside = length < longest && suffixes.begins(content, from, to);
        if (continues || inside) {
            markers.merge(from, 1, Math::max);
        }
        if (inside) {
            markers.merge(to, 1, Math::max);
        }
    }

    private static String insert(String content, char marker, SortedMap<Integer, Integer> markers) {
        StringBuilder result = new StringBuilder(content.length() + 2 * markers.size());
        int[] at = {0};
        markers.forEach((position, count) -> {
            result.append(content, at[0], position)
                    .append(String.valueOf(marker).repeat(count));
            at[0] = position;
        });
        return result.append(content, at[0], content.length()).toString();
    }
}
