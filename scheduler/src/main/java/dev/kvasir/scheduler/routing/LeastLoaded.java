package dev.kvasir.scheduler.routing;

import dev.kvasir.pool.NodeStatus;
import dev.kvasir.scheduler.RouteRequest;
import dev.kvasir.scheduler.RoutingPolicy;
import java.util.List;
import java.util.OptionalInt;
import java.util.random.RandomGenerator;

/** The shortest queue; of several, any. */
final class LeastLoaded implements RoutingPolicy {
    private final RandomGenerator random;
    private final Queues queues = new Queues();

    LeastLoaded(RandomGenerator random) {
        this.random = random;
    }

    @Override
    public OptionalInt choose(RouteRequest request, List<NodeStatus> nodes) {
        List<Integer> shortest = queues.shortest(queues.update(nodes), 0);
        if (shortest.isEmpty()) {
            return OptionalInt.empty();
        }
        int chosen = shortest.get(random.nextInt(shortest.size()));
        queues.onSent(chosen);
        return OptionalInt.of(chosen);
    }
}
