package dev.kvasir.pool.placement;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntToLongFunction;

/** Tokens that nodes have still to read, with those of a request that is being planned. */
final class Outstanding {
    private final int segmentTokens;
    private final IntToLongFunction before;
    private final Map<Integer, Long> added = new HashMap<>();

    Outstanding(int segmentTokens, IntToLongFunction before) {
        this.segmentTokens = segmentTokens;
        this.before = before;
    }

    void add(int node) {
        added.merge(node, (long) segmentTokens, Long::sum);
    }

    /** Returns the node with the least, of several the first. */
    int least(List<Integer> nodes) {
        int least = nodes.get(0);
        for (int node : nodes) {
            if (tokens(node) < tokens(least)) {
                least = node;
            }
        }
        return least;
    }

    private long tokens(int node) {
        return before.applyAsLong(node) + added.getOrDefault(node, 0L);
    }
}
