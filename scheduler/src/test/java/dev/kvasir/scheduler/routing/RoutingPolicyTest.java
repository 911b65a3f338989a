package dev.kvasir.scheduler.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvasir.pool.NodeStatus;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.scheduler.RouteRequest;
import dev.kvasir.scheduler.RoutingPolicy;
import dev.kvasir.testing.RandomizedTest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RoutingPolicyTest {
    private static final SegmentId ROOT = new SegmentId(1, 2, 3, 4);
    private static final RouteRequest REQUEST = new RouteRequest(ROOT, new int[100]);

    private final Map<Integer, Integer> prefix = new HashMap<>();

    private RoutingPolicy policy(RoutingPolicies policy) {
        return policy.create(16, request -> prefix, new SplittableRandom(1));
    }

    private static NodeStatus node(int number, int running, int waiting) {
        return new NodeStatus(number, 100, 50, running, waiting, 0, true, false);
    }

    @ParameterizedTest
    @EnumSource
    void onlyNodesThatComputeAndStayAreChosen(RoutingPolicies policies) {
        RoutingPolicy policy = policy(policies);
        List<NodeStatus> nodes = List.of(
                new NodeStatus(1, 100, 50, 0, 0, 0, false, false),
                new NodeStatus(2, 100, 50, 0, 0, 0, true, true),
                node(3, 900, 900));
        for (int i = 0; i < 5; i++) {
            assertThat(policy.choose(REQUEST, nodes)).hasValue(3);
        }
        assertThat(policy.choose(REQUEST, nodes.subList(0, 2))).isEmpty();
        assertThat(policy.choose(REQUEST, List.of())).isEmpty();
    }

    @Test
    void roundRobinGoesRoundAlsoWhenNodesComeAndGo() {
        RoutingPolicy policy = policy(RoutingPolicies.ROUND_ROBIN);
        List<NodeStatus> nodes = new ArrayList<>(List.of(node(1, 0, 0), node(2, 9, 9), node(5, 0, 0)));
        assertThat(chosen(policy, nodes, 4)).containsExactly(1, 2, 5, 1);
        nodes.add(node(3, 0, 0));
        nodes.remove(1);
        assertThat(chosen(policy, nodes, 3)).containsExactly(3, 5, 1);
    }

    private static List<Integer> chosen(RoutingPolicy policy, List<NodeStatus> nodes, int count) {
        List<Integer> chosen = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            chosen.add(policy.choose(REQUEST, nodes).orElseThrow());
        }
        return chosen;
    }

    @Test
    void leastLoadedCountsWhatItHasSentUntilTheNodeSaysSomethingNew() {
        RoutingPolicy policy = policy(RoutingPolicies.LEAST_LOADED);
        List<NodeStatus> nodes = List.of(node(1, 3, 2), node(2, 1, 1), node(3, 9, 0));
        assertThat(chosen(policy, nodes, 3)).containsExactly(2, 2, 2);
        assertThat(chosen(policy, nodes, 2)).containsExactlyInAnyOrder(1, 2);
        List<NodeStatus> later = List.of(node(1, 3, 3), node(2, 0, 0), node(3, 9, 0));
        assertThat(chosen(policy, later, 6)).containsExactly(2, 2, 2, 2, 2, 2);
    }

    @RandomizedTest
    void leastLoadedIsAShortestQueue(SplittableRandom random) {
        RoutingPolicy policy = RoutingPolicies.LEAST_LOADED.create(16, request -> prefix, random);
        Map<Integer, Integer> queues = new TreeMap<>();
        for (int node = 1; node <= 5; node++) {
            queues.put(node, random.nextInt(20));
        }
        List<NodeStatus> said = queues.entrySet().stream()
                .map(entry -> node(entry.getKey(), entry.getValue(), 0))
                .toList();
        for (int i = 0; i < 100; i++) {
            int chosen = policy.choose(REQUEST, said).orElseThrow();
            assertThat(queues.get(chosen))
                    .isEqualTo(queues.values().stream().mapToInt(n -> n).min().orElseThrow());
            queues.merge(chosen, 1, Integer::sum);
        }
    }

    @Test
    void pooledTakesTheNearestOfTheShortestQueues() {
        RoutingPolicy policy = policy(RoutingPolicies.POOLED);
        prefix.put(1, 64);
        prefix.put(2, 32);
        prefix.put(3, 96);
        List<NodeStatus> nodes = List.of(node(1, 4, 1), node(2, 4, 0), node(3, 9, 0));
        assertThat(chosen(policy, nodes, 4))
                .as("3 has most but a longer queue; 1 is one request longer, then two, then 2 has caught up")
                .containsExactly(1, 2, 1, 2);
    }

    @Test
    void pooledSpreadsWhatIsNowhere() {
        RoutingPolicy policy = policy(RoutingPolicies.POOLED);
        List<NodeStatus> nodes = List.of(node(1, 0, 0), node(2, 0, 0), node(3, 0, 0));
        List<Integer> chosen = chosen(policy, nodes, 30);
        assertThat(chosen.stream().filter(n -> n == 1)).hasSize(10);
        assertThat(chosen.stream().filter(n -> n == 2)).hasSize(10);
    }

    @Test
    void policiesHaveNames() {
        for (RoutingPolicies policy : RoutingPolicies.values()) {
            assertThat(RoutingPolicies.of(policy.toString())).isEqualTo(policy);
        }
        assertThatThrownBy(() -> RoutingPolicies.of("fastest"))
                .hasMessageContaining("pooled, cache-aware, least-loaded, round-robin, not fastest");
    }
}
