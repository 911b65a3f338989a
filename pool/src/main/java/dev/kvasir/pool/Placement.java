package dev.kvasir.pool;

import java.util.List;

/**
 * Decides where segments lie: where new ones go, which are copied to more nodes because they are asked for often, which copies are given up. One of
 * these runs on each node and decides about that node's own copies alone, so that nothing has to be agreed on; what it knows of others is the
 * {@link Directory}'s view.
 *
 * <p>Belongs to the pool's thread. Nothing here waits, moves a byte or changes a map: decisions are values, and whoever carries them out may leave
 * out what can't be done now. What still holds is said again in the next epoch.
 */
public interface Placement {
    /** How a node holds a segment. */
    enum Copy {
        /** Not at all. */
        NONE,
        /** As the one copy that is meant to be; see {@link Directory.Holding#replica()}. */
        HOME,
        /** As a further one. */
        REPLICA
    }

    /** What this node holds, asked while decisions are made. */
    interface OwnCopies {
        /** Returns how it holds a segment. */
        Copy copyOf(SegmentId id);

        /** Returns all replicas that it holds. */
        List<SegmentId> replicas();

        /** Returns up to {@code count} segments that have their home here and that nobody pins, what would be evicted first in front. */
        List<SegmentId> coldest(int count);
    }

    /**
     * Segments {@code [from, to)} of a run, and the node where they are to lie.
     *
     * @param node its number
     */
    record Part(int node, int from, int to) {
        public Part {
            if (node < 1 || from < 0 || to <= from) {
                throw new IllegalArgumentException("no such part: [" + from + ", " + to + ") on node " + node);
            }
        }
    }

    /**
     * Returns where segments that were computed here are to lie, of which nobody is known to have a copy. Counts them for the chosen nodes until these
     * say how they are, so that what is asked next goes elsewhere in time.
     *
     * @param run identities in the order of the sequence, at least one
     * @return parts that cover the run in order; neighbours have different nodes
     */
    List<Part> homesFor(List<SegmentId> run);

    /** Counts tokens of an own copy that were read, by this node's requests or by another's query. */
    void onRead(SegmentId id, int tokens);

    /** Takes note that another node says it has a segment that this one has, too: {@link Directory.Events#onShared}. */
    void onShared(SegmentId id);

    /** Returns what is to be done now: nothing but at the end of an epoch. */
    List<PlacementAction> poll();
}
