package dev.kvasir.runner.guided;

import dev.kvasir.runner.Tokenizer;
import java.util.Arrays;
import java.util.Set;

/**
 * The bytes of a vocabulary's tokens as a trie, laid out for one walk from front to back: a node is followed by what is below it, so that a branch is left by
 * going to its end. Special tokens, and others that steer, aren't in it. Immutable.
 *
 * <pre>
 * a   ab   abc  b        nodes in order
 * 3   3    3    4        end: index of the first node that isn't below this one
 * </pre>
 */
final class TokenTrie {
    static final int NONE = -1;

    private final int vocab;
    private int size;
    private byte[] label;
    private short[] depth; // 1 for the first byte
    private int[] end;
    private int[] token; // that ends here, or NONE
    private int[][] labelled = new int[256][]; // nodes by label, ascending
    private int[] parent; // or NONE
    private final int[] same; // the next token with the same bytes, or NONE
    private int deepest;
    private final boolean[] single = new boolean[256];

    /** @param left tokens that stand for bytes and aren't to be used for them: a {@code </tool_call>} within a string would end the call */
    TokenTrie(Tokenizer tokenizer, Set<Integer> left) {
        vocab = tokenizer.vocab();
        byte[][] bytes = new byte[vocab][];
        int[] order = new int[vocab];
        int count = 0;
        long total = 0;
        for (int t = 0; t < vocab; t++) {
            bytes[t] = tokenizer.bytesOf(t);
            if (!left.contains(t) && bytes[t].length > 0 && bytes[t].length < Short.MAX_VALUE) {
                order[count++] = t;
                total += bytes[t].length;
                if (bytes[t].length == 1) {
                    single[bytes[t][0] & 0xff] = true;
                }
            }
        }
        Integer[] sorted = new Integer[count];
        for (int i = 0; i < count; i++) {
            sorted[i] = order[i];
        }
        Arrays.sort(sorted, (a, b) -> {
            int byBytes = Arrays.compareUnsigned(bytes[a], bytes[b]);
            return byBytes != 0 ? byBytes : Integer.compare(a, b);
        });
        int room = Math.toIntExact(total);
        label = new byte[room];
        depth = new short[room];
        end = new int[room];
        token = new int[room];
        parent = new int[0];
        same = new int[vocab];
        Arrays.fill(same, NONE);
        Arrays.fill(token, NONE);
        build(bytes, sorted);
    }

    private void build(byte[][] bytes, Integer[] sorted) {
        int longest = 0;
        for (Integer t : sorted) {
            longest = Math.max(longest, bytes[t].length);
        }
        deepest = longest;
        int[] path = new int[longest + 1]; // node at each depth of the token before
        byte[] before = {};
        for (Integer t : sorted) {
            byte[] text = bytes[t];
            int common = Math.max(0, Arrays.mismatch(before, text));
            if (Arrays.equals(before, text)) {
                int last = token[path[text.length]];
                while (same[last] != NONE) {
                    last = same[last];
                }
                same[last] = t;
                continue;
            }
            for (int d = before.length; d > common; d--) {
                end[path[d]] = size;
            }
            for (int d = common + 1; d <= text.length; d++) {
                label[size] = text[d - 1];
                depth[size] = (short) d;
                path[d] = size++;
            }
            token[size - 1] = t;
            before = text;
        }
        for (int d = before.length; d > 0; d--) {
            end[path[d]] = size;
        }
        label = Arrays.copyOf(label, size);
        depth = Arrays.copyOf(depth, size);
        end = Arrays.copyOf(end, size);
        token = Arrays.copyOf(token, size);
        index();
    }

    private void index() {
        int[] counts = new int[256];
        for (byte b : label) {
            counts[b & 0xff]++;
        }
        for (int b = 0; b < 256; b++) {
            labelled[b] = new int[counts[b]];
        }
        Arrays.fill(counts, 0);
        parent = new int[size];
        int[] path = new int[deepest + 1];
        path[0] = NONE;
        for (int node = 0; node < size; node++) {
            int b = label[node] & 0xff;
            labelled[b][counts[b]++] = node;
            parent[node] = path[depth[node] - 1];
            path[depth[node]] = node;
        }
    }

    /** Returns the nodes that a byte leads to; lent. */
    int[] labelled(byte b) {
        return labelled[b & 0xff];
    }

    /** Returns the node above, or {@link #NONE}. */
    int parent(int node) {
        return parent[node];
    }

    /** Returns the first byte that a text may need and that no token is alone; -1 if there is none, and so every text can be written. */
    int missingByte() {
        for (int b = 0; b < 256; b++) {
            boolean inUtf8 = b < 0xc0 || (b >= 0xc2 && b <= 0xf4);
            if (inUtf8 && !single[b]) {
                return b;
            }
        }
        return -1;
    }

    int vocab() {
        return vocab;
    }

    int words() {
        return (vocab + 63) / 64;
    }

    int size() {
        return size;
    }

    int deepest() {
        return deepest;
    }

    byte label(int node) {
        return label[node];
    }

    int depth(int node) {
        return depth[node];
    }

    int end(int node) {
        return end[node];
    }

    /** Returns the first token that ends at a node, or {@link #NONE}. */
    int token(int node) {
        return token[node];
    }

    /** Returns the next token with the same bytes, or {@link #NONE}. */
    int same(int t) {
        return same[t];
    }

    /** Returns whether a node has others below it. */
    boolean isInner(int node) {
        return end[node] > node + 1;
    }

    /** Sets the bits of all tokens that end at a node. */
    void setTokens(int node, long[] bits) {
        for (int t = token[node]; t != NONE; t = same[t]) {
            bits[t >> 6] |= 1L << t;
        }
    }
}
