package dev.kvasir.engine.routing;

import dev.kvasir.pool.NodeStatus;
import dev.kvasir.pool.SegmentId;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** What routing knows of the nodes. Thread-safe; everything that it says is a hint. */
public interface NodeView {
    /** Returns this node's number. */
    int self();

    /** Returns how the other nodes that serve the same model are. */
    List<NodeStatus> peers();

    /** Returns by node's number how many segments of a prompt it holds, as far as somebody holds the prompt. */
    CompletableFuture<Map<Integer, Integer>> held(List<SegmentId> path);
}
