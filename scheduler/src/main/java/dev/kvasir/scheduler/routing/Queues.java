package dev.kvasir.scheduler.routing;

import dev.kvasir.pool.NodeStatus;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** How long nodes' queues are: requests that they said run and wait, and those sent since. */
final class Queues {
    private final Map<Integer, NodeStatus> said = new HashMap<>();
    private final Map<Integer, Integer> sent = new HashMap<>(); // since then

    /** Takes what nodes say and returns those that compute and stay, in the order of their numbers. */
    List<Integer> update(List<NodeStatus> nodes) {
        Set<Integer> known = new HashSet<>();
        for (NodeStatus node : nodes) {
            known.add(node.node());
            if (!node.equals(said.put(node.node(), node))) {
                sent.remove(node.node());
            }
        }
        said.keySet().retainAll(known);
        sent.keySet().retainAll(known);
        return nodes.stream()
                .filter(node -> node.canCompute() && !node.draining())
                .map(NodeStatus::node)
                .sorted()
                .toList();
    }

    int length(int node) {
        NodeStatus status = said.get(node);
        return status == null ? 0 : status.running() + status.waiting() + sent.getOrDefault(node, 0);
    }

    /** Returns those with queues at most {@code slack} longer than the shortest, in the order given. */
    List<Integer> shortest(List<Integer> nodes, int slack) {
        int least = nodes.stream().mapToInt(this::length).min().orElse(0);
        return nodes.stream().filter(node -> length(node) <= least + slack).toList();
    }

    /** Returns the longest queue of some nodes. */
    int longest(List<Integer> nodes) {
        return nodes.stream().map(this::length).max(Comparator.naturalOrder()).orElse(0);
    }

    void onSent(int node) {
        sent.merge(node, 1, Integer::sum);
    }
}
