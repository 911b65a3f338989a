package dev.kvasir.pool;

/** What a node is to do with a segment of its own. It may be left undone: it is a matter of speed and memory, never of right or wrong tokens. */
public sealed interface PlacementAction {
    /** Returns the segment. */
    SegmentId id();

    /**
     * Sends a further copy to a node, which announces it as a replica.
     *
     * @param to the node's number
     */
    record Replicate(SegmentId id, int to) implements PlacementAction {}

    /**
     * Sends the segment to a node, which announces it as its home, and then gives up the copy here: first there, then not here, so that it's always
     * somewhere.
     *
     * @param to the node's number
     */
    record Move(SegmentId id, int to) implements PlacementAction {}

    /** Gives up the copy here, if nobody pins it; else it stays and this is said again. */
    record Drop(SegmentId id) implements PlacementAction {}

    /** Announces the replica here as the segment's home, for that is gone. */
    record Promote(SegmentId id) implements PlacementAction {}
}
