package dev.kvasir.scheduler.routing;

import dev.kvasir.pool.NodeStatus;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SegmentIdentity;
import dev.kvasir.scheduler.RouteRequest;
import dev.kvasir.scheduler.RoutingPolicy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;

/** SGLang's rule for nodes that have each a cache of its own: back to where the prefix was, unless queues differ much. */
final class CacheAware implements RoutingPolicy {
    /*
     * SGLang's router [1], as documented: if max - min of the queues is above `abs` and max above `rel` times min, the shortest queue;
     * else the node whose tree matches the most, if that is more than `rate` of the prompt; else the node with the smallest tree.
     * The chosen node's tree takes the prompt in all cases. Trees are bounded, and what was used last stays.
     *
     * Its trees hold text by characters, these hold identities of whole segments: an identity names all tokens up to its end, so that a set
     * of them is a prefix tree, and a prompt matches as many as are in the set one after the other.
     *
     * [1] Zheng et al., arXiv 2312.07104, and sgl-model-gateway's documentation of `cache_threshold`, `balance_abs_threshold` and
     *     `balance_rel_threshold`
     */
    private final int segmentTokens;
    private final CacheAwareConfig config;
    private final Queues queues = new Queues();
    private final Map<Integer, RecentPrefixes> trees = new TreeMap<>();

    CacheAware(int segmentTokens, CacheAwareConfig config) {
        this.segmentTokens = segmentTokens;
        this.config = config;
    }

    @Override
    public OptionalInt choose(RouteRequest request, List<NodeStatus> nodes) {
        List<Integer> candidates = queues.update(nodes);
        trees.keySet().removeIf(node -> nodes.stream().noneMatch(status -> status.node() == node));
        if (candidates.isEmpty()) {
            return OptionalInt.empty();
        }
        List<SegmentId> path = path(request);
        int chosen = choose(path, request.tokens().length, candidates);
        queues.onSent(chosen);
        tree(chosen).add(path);
        return OptionalInt.of(chosen);
    }

    private int choose(List<SegmentId> path, int promptTokens, List<Integer> candidates) {
        int shortest = queues.shortest(candidates, 0).get(0);
        int min = queues.length(shortest);
        int max = queues.longest(candidates);
        if (max - min > config.absoluteImbalance() && max > config.relativeImbalance() * min) {
            return shortest;
        }
        int best = candidates.stream()
                .max(Comparator.<Integer>comparingInt(node -> tree(node).matched(path))
                        .thenComparing(Comparator.reverseOrder()))
                .orElseThrow();
        double rate = (double) tree(best).matched(path) * segmentTokens / promptTokens;
        return rate > config.matchRate()
                ? best
                : candidates.stream()
                        .min(Comparator.comparingInt(node -> tree(node).size()))
                        .orElseThrow();
    }

    private RecentPrefixes tree(int node) {
        return trees.computeIfAbsent(node, n -> new RecentPrefixes(config.treeSegments()));
    }

    private List<SegmentId> path(RouteRequest request) {
        List<SegmentId> path = new ArrayList<>();
        SegmentId id = request.root();
        for (int from = 0; from + segmentTokens <= request.tokens().length; from += segmentTokens) {
            id = SegmentIdentity.next(id, request.tokens(), from, from + segmentTokens);
            path.add(id);
        }
        return path;
    }
}
