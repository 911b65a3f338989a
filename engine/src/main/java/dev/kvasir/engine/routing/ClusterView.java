package dev.kvasir.engine.routing;

import dev.kvasir.engine.cluster.ClusterNode;
import dev.kvasir.pool.NodeStatus;
import dev.kvasir.pool.SegmentId;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** The nodes that a cluster's directory knows. */
public record ClusterView(ClusterNode node) implements NodeView {
    @Override
    public int self() {
        return node.number();
    }

    @Override
    public List<NodeStatus> peers() {
        return node.nodes();
    }

    @Override
    public CompletableFuture<Map<Integer, Integer>> held(List<SegmentId> path) {
        return node.held(path);
    }
}
