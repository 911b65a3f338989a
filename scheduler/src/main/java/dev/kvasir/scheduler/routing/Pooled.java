package dev.kvasir.scheduler.routing;

import dev.kvasir.pool.NodeStatus;
import dev.kvasir.scheduler.PrefixLocations;
import dev.kvasir.scheduler.RouteRequest;
import dev.kvasir.scheduler.RoutingPolicy;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.random.RandomGenerator;

/**
 * The shortest queue; among queues that differ by a request at most, the node that has most of the prefix, as less travels then; of several, any. Every
 * node hits the same cache, so that no queue need be longer for a hit's sake.
 */
final class Pooled implements RoutingPolicy {
    private static final int SLACK = 1; // requests; what nodes say of their queues isn't newer than that

    private final PrefixLocations locations;
    private final RandomGenerator random;
    private final Queues queues = new Queues();

    Pooled(PrefixLocations locations, RandomGenerator random) {
        this.locations = locations;
        this.random = random;
    }

    @Override
    public OptionalInt choose(RouteRequest request, List<NodeStatus> nodes) {
        List<Integer> candidates = queues.shortest(queues.update(nodes), SLACK);
        if (candidates.isEmpty()) {
            return OptionalInt.empty();
        }
        Map<Integer, Integer> tokens = locations.tokensByNode(request);
        int most = candidates.stream()
                .mapToInt(node -> tokens.getOrDefault(node, 0))
                .max()
                .orElse(0);
        List<Integer> nearest = candidates.stream()
                .filter(node -> tokens.getOrDefault(node, 0) == most)
                .toList();
        List<Integer> shortest = queues.shortest(nearest, 0);
        int chosen = shortest.get(random.nextInt(shortest.size()));
        queues.onSent(chosen);
        return OptionalInt.of(chosen);
    }
}
