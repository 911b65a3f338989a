package dev.kvasir.scheduler.routing;

import dev.kvasir.pool.NodeStatus;
import dev.kvasir.scheduler.RouteRequest;
import dev.kvasir.scheduler.RoutingPolicy;
import java.util.List;
import java.util.OptionalInt;

/** One node after the other, by number. */
final class RoundRobin implements RoutingPolicy {
    private final Queues queues = new Queues();
    private int last;

    @Override
    public OptionalInt choose(RouteRequest request, List<NodeStatus> nodes) {
        List<Integer> candidates = queues.update(nodes);
        if (candidates.isEmpty()) {
            return OptionalInt.empty();
        }
        last = candidates.stream().filter(node -> node > last).findFirst().orElse(candidates.get(0));
        return OptionalInt.of(last);
    }
}
