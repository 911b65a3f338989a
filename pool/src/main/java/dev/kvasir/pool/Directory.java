package dev.kvasir.pool;

import java.util.List;

/**
 * Who holds what: segments by their identity, and the nodes that there are. Everything that it says of others is a hint: they may have evicted a segment
 * since, or be gone, and what they have got since is not known yet.
 *
 * <p>Every call returns at once, from a view kept in this process. Belongs to the pool's thread, as {@link MemPool} does; changes of the view come in
 * with {@link #poll}.
 */
public interface Directory {
    /**
     * One node's copy of a segment.
     *
     * @param node its number, greater than 0, which no other node ever has, not even the same one after a restart
     * @param replica whether it's a further copy of a segment that is asked for often; what isn't is meant to be the only copy
     */
    record Holding(int node, boolean replica) {
        public Holding {
            if (node < 1) {
                throw new IllegalArgumentException("no node has the number " + node);
            }
        }
    }

    /** Takes what has changed. */
    interface Events {
        /** A node that serves the same model is there. */
        void onJoined(int node);

        /** A node is gone, and with it all that it held. */
        void onLeft(int node);

        /** Another node says that it holds a segment that this one has announced, too. */
        void onShared(SegmentId id);
    }

    /** Returns this node's number. */
    int self();

    /** Returns which other nodes hold a segment, in the order of their numbers. */
    List<Holding> holders(SegmentId id);

    /** Says that this node holds a segment; said again with another {@code replica}, that counts. */
    void announce(SegmentId id, boolean replica);

    /** Says that this node no longer holds a segment. */
    void withdraw(SegmentId id);

    /** Returns the other nodes that serve the same model, in the order of their numbers. */
    List<NodeStatus> nodes();

    /** Says how this node is. Cheap, so that it can be said after each step; the others hear of it now and then. */
    void report(NodeStatus own);

    /**
     * Takes in what others have said since the last call, and sends what was announced and withdrawn here.
     *
     * @return whether anything had changed
     */
    boolean poll(Events events);
}
