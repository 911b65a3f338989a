package dev.kvasir.runner.guided;

/**
 * What the vocabulary can do in one state of a {@link DfaTerminal}: the tokens that stay inside it, and the nodes of the trie where a token may leave it
 * with bytes to go.
 *
 * @param automatonBytes memory of the terminal's automaton
 * @param bits a bit for each token; null where there are few
 * @param tokens these, where there are few; else empty
 * @param exits nodes with others below them at which the terminal may end
 */
record DfaMask(long automatonBytes, long @org.jspecify.annotations.Nullable [] bits, int[] tokens, int[] exits) {
    /** Walks the vocabulary once. */
    static DfaMask of(ByteDfa dfa, int first, TokenTrie trie) {
        int[] states = new int[trie.deepest() + 1];
        states[0] = first;
        IntList inside = new IntList();
        IntList exits = new IntList();
        int size = trie.size();
        int node = 0;
        while (node < size) {
            int depth = trie.depth(node);
            int state = dfa.step(states[depth - 1], trie.label(node));
            if (state == ByteDfa.DEAD) {
                node = trie.end(node);
                continue;
            }
            states[depth] = state;
            for (int t = trie.token(node); t != TokenTrie.NONE; t = trie.same(t)) {
                inside.add(t);
            }
            if (dfa.isAccepting(state) && trie.isInner(node)) {
                exits.add(node);
            }
            node++;
        }
        if (inside.size() < trie.words()) {
            return new DfaMask(dfa.bytes(), null, inside.toArray(), exits.toArray());
        }
        long[] bits = new long[trie.words()];
        for (int i = 0; i < inside.size(); i++) {
            int t = inside.get(i);
            bits[t >> 6] |= 1L << t;
        }
        return new DfaMask(dfa.bytes(), bits, new int[0], exits.toArray());
    }

    void addTo(long[] mask) {
        if (bits == null) {
            for (int t : tokens) {
                mask[t >> 6] |= 1L << t;
            }
        } else {
            for (int i = 0; i < mask.length; i++) {
                mask[i] |= bits[i];
            }
        }
    }

    /** Returns about how much memory it takes, with a share of its automaton, which it keeps alive. */
    long bytes() {
        return automatonBytes / 8 + 64 + (bits == null ? 0 : 8L * bits.length) + 4L * tokens.length + 4L * exits.length;
    }
}
