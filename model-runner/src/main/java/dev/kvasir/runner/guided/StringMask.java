package dev.kvasir.runner.guided;

import java.util.Arrays;

/**
 * What the vocabulary can do in one state of any {@link StringTerminal}, by how many characters it takes. A mask for each count would be the same work over
 * and over; here a count only says which tokens of a sorted list are too long.
 */
final class StringMask {
    private final long[] all; // tokens that stay inside a string of any length
    private final int[] sorted; // these, by how many characters they need, fewest first
    private final int[] upTo; // by characters: how many tokens of sorted need that many or fewer
    private final int[] closing; // tokens that end with the closing quotation mark
    private final int[] closingChars; // characters before it
    private final int[] exits; // nodes behind a closing quotation mark, with others below them
    private final int[] exitChars;

    StringMask(int first, TokenTrie trie) {
        int[] states = new int[trie.deepest() + 1];
        int[] chars = new int[trie.deepest() + 1];
        states[0] = first;
        IntList inside = new IntList();
        IntList needs = new IntList();
        IntList closers = new IntList();
        IntList closerChars = new IntList();
        IntList exitNodes = new IntList();
        IntList exitCounts = new IntList();
        int node = 0;
        while (node < trie.size()) {
            int depth = trie.depth(node);
            int before = states[depth - 1];
            int state = StringTerminal.step(before, trie.label(node));
            if (state == ByteDfa.DEAD) {
                node = trie.end(node);
                continue;
            }
            if (state == StringTerminal.CLOSED) {
                for (int t = trie.token(node); t != TokenTrie.NONE; t = trie.same(t)) {
                    closers.add(t);
                    closerChars.add(chars[depth - 1]);
                }
                if (trie.isInner(node)) {
                    exitNodes.add(node);
                    exitCounts.add(chars[depth - 1]);
                }
                node = trie.end(node);
                continue;
            }
            states[depth] = state;
            chars[depth] = chars[depth - 1] + (state == StringTerminal.BETWEEN ? 1 : 0);
            for (int t = trie.token(node); t != TokenTrie.NONE; t = trie.same(t)) {
                inside.add(t);
                needs.add(chars[depth] + (state == StringTerminal.BETWEEN ? 0 : 1));
            }
            node++;
        }
        all = new long[trie.words()];
        int most = 0;
        for (int i = 0; i < inside.size(); i++) {
            int t = inside.get(i);
            all[t >> 6] |= 1L << t;
            most = Math.max(most, needs.get(i));
        }
        upTo = new int[most + 1];
        for (int i = 0; i < inside.size(); i++) {
            upTo[needs.get(i)]++;
        }
        for (int n = 1; n <= most; n++) {
            upTo[n] += upTo[n - 1];
        }
        int[] place = upTo.clone();
        sorted = new int[inside.size()];
        for (int i = inside.size() - 1; i >= 0; i--) {
            sorted[--place[needs.get(i)]] = inside.get(i);
        }
        closing = closers.toArray();
        closingChars = closerChars.toArray();
        exits = exitNodes.toArray();
        exitChars = exitCounts.toArray();
    }

    /** Adds the tokens that stay inside a string with {@code count} characters, or end it. */
    void addTo(long[] mask, StringTerminal terminal, int count) {
        int room = terminal.max == Integer.MAX_VALUE ? Integer.MAX_VALUE : terminal.max - count;
        int fits = room < 0 ? 0 : room >= upTo.length ? sorted.length : upTo[room];
        if (fits > sorted.length / 2) {
            long[] bits = fits == sorted.length ? all : all.clone();
            for (int i = fits; i < sorted.length; i++) {
                bits[sorted[i] >> 6] &= ~(1L << sorted[i]);
            }
            for (int i = 0; i < mask.length; i++) {
                mask[i] |= bits[i];
            }
        } else {
            for (int i = 0; i < fits; i++) {
                mask[sorted[i] >> 6] |= 1L << sorted[i];
            }
        }
        for (int i = 0; i < closing.length; i++) {
            if (mayClose(terminal, count, closingChars[i])) {
                mask[closing[i] >> 6] |= 1L << closing[i];
            }
        }
    }

    /** Returns the nodes behind which something else goes on. */
    int[] exits(StringTerminal terminal, int count) {
        int[] open = new int[exits.length];
        int found = 0;
        for (int i = 0; i < exits.length; i++) {
            if (mayClose(terminal, count, exitChars[i])) {
                open[found++] = exits[i];
            }
        }
        return Arrays.copyOf(open, found);
    }

    private static boolean mayClose(StringTerminal terminal, int count, int more) {
        long chars = (long) count + more;
        return chars >= terminal.min && chars <= terminal.max;
    }
}
