package dev.kvasir.pool.directory;

import dev.kvasir.pool.Directory.Holding;
import dev.kvasir.pool.NodeStatus;
import dev.kvasir.pool.SegmentId;
import java.util.Optional;

/** What a directory hears of the others. */
sealed interface News {
    /** A node has come. */
    record Joined(NodeStatus status) implements News {}

    /** A node has gone. */
    record Left(int node) implements News {}

    /** A node is otherwise than it was. */
    record Reported(NodeStatus status) implements News {}

    /** A node holds a segment, or (with no holding) no longer does. */
    record Said(int node, SegmentId id, Optional<Holding> holding) implements News {}
}
