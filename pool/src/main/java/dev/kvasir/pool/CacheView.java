package dev.kvasir.pool;

import java.util.List;

/**
 * What the pool has of some requests, over all nodes, and how full it is. A hint, as all that is known of other nodes.
 *
 * @param hits by request
 * @param nodes all nodes, this one included
 */
public record CacheView(List<Hit> hits, List<NodeStatus> nodes) {
    /**
     * The longest prefix of a request of which every segment is somewhere.
     *
     * @param tokens how long it is; always less than the prompt, whose last token must be computed
     * @param holders by segment: the numbers of the nodes that have it, in order
     */
    public record Hit(int tokens, List<List<Integer>> holders) {
        public Hit {
            holders = holders.stream().map(List::copyOf).toList();
            if (tokens < 0 || holders.stream().anyMatch(List::isEmpty)) {
                throw new IllegalArgumentException("a hit of " + tokens + " tokens on " + holders);
            }
        }
    }

    public CacheView {
        hits = List.copyOf(hits);
        nodes = List.copyOf(nodes);
    }
}
