package dev.kvasir.runner.guided;

import dev.kvasir.runner.guided.Threads.Way;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** Masks over one vocabulary: what they consist of is computed once and kept, within a limit. Thread-safe. */
final class Masks {
    /** From so many exits on it's quicker to look for what may follow first. */
    private static final int MANY = 256;

    private final TokenTrie trie;
    private final AtomicReferenceArray<@Nullable StringMask> strings =
            new AtomicReferenceArray<>(StringTerminal.STATES);

    private final WeightedCache<Key, DfaMask> kept;

    private record Key(DfaTerminal terminal, int state) {}

    Masks(TokenTrie trie, long maxBytes) {
        this.trie = trie;
        this.kept = new WeightedCache<>(maxBytes, DfaMask::bytes);
        string(StringTerminal.BETWEEN); // every schema needs it
    }

    TokenTrie trie() {
        return trie;
    }

    /** Sets the bits of all tokens that may come next. */
    void fill(Threads threads, long[] mask) {
        for (Way way : threads.ways) {
            if (way.terminal() instanceof DfaTerminal terminal) {
                DfaMask part = dfa(terminal, way.state());
                part.addTo(mask);
                follow(part.exits(), way, mask);
            } else if (way.terminal() instanceof StringTerminal terminal) {
                StringMask part = string(way.state());
                part.addTo(mask, terminal, way.count());
                follow(part.exits(terminal, way.count()), way, mask);
            } else if (way.terminal() instanceof TokenTerminal terminal) {
                mask[terminal.token >> 6] |= 1L << terminal.token;
            }
        }
    }

    /** Sets the bits of the tokens that leave a terminal in their middle and go on with what follows it. */
    private void follow(int[] exits, Way way, long[] mask) {
        if (exits.length == 0) {
            return;
        }
        Threads behind = Threads.behind(way.next());
        if (!behind.hasBytes()) {
            return;
        }
        Threads[] states = new Threads[trie.deepest() + 1];
        if (exits.length < MANY) {
            for (int exit : exits) {
                states[trie.depth(exit)] = behind;
                walk(exit + 1, trie.end(exit), states, mask);
            }
            return;
        }
        // Any place may be an exit; few bytes lead on from there.
        for (int b = 0; b < 256; b++) {
            if (behind.step((byte) b).isDead()) {
                continue;
            }
            for (int node : trie.labelled((byte) b)) {
                int exit = trie.parent(node);
                if (exit != TokenTrie.NONE && Arrays.binarySearch(exits, exit) >= 0) {
                    states[trie.depth(exit)] = behind;
                    walk(node, trie.end(node), states, mask);
                }
            }
        }
    }

    /** Sets the bits of the tokens below a node whose state is known, from one of the nodes below it to another. */
    private void walk(int from, int end, Threads[] states, long[] mask) {
        int node = from;
        while (node < end) {
            int depth = trie.depth(node);
            Threads state = states[depth - 1].step(trie.label(node));
            if (state.isDead()) {
                node = trie.end(node);
            } else {
                states[depth] = state;
                trie.setTokens(node, mask);
                node++;
            }
        }
    }

    private StringMask string(int state) {
        StringMask mask = strings.get(state);
        if (mask == null) {
            mask = new StringMask(state, trie);
            strings.set(state, mask);
        }
        return mask;
    }

    private DfaMask dfa(DfaTerminal terminal, int state) {
        Key key = new Key(terminal, state);
        DfaMask mask = kept.get(key);
        return mask != null ? mask : kept.put(key, DfaMask.of(terminal.dfa, state, trie));
    }
}
