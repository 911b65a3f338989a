package dev.kvasir.pool.placement;

import dev.kvasir.pool.Directory;
import dev.kvasir.pool.Directory.Holding;
import dev.kvasir.pool.Placement.Copy;
import dev.kvasir.pool.SegmentId;
import java.util.List;
import java.util.function.IntPredicate;

/** Which node is to keep a segment that several hold. */
final class Keeper {
    private Keeper() {}

    /** Returns other nodes' homes of a segment, in the order of their numbers. */
    static List<Integer> otherHomes(Directory directory, SegmentId id) {
        return directory.holders(id).stream()
                .filter(holding -> !holding.replica())
                .map(Holding::node)
                .toList();
    }

    /**
     * Returns whether this node is the one whose copy is the segment's home: of the nodes that hold it as such the lowest number that isn't about to
     * leave; if all of these leave, the lowest. If none holds it as such, for the home is gone, the same among the replicas.
     *
     * @param own how this node holds it, not {@link Copy#NONE}
     */
    static boolean isSelf(Directory directory, Copy own, SegmentId id, IntPredicate draining) {
        List<Integer> homes = otherHomes(directory, id);
        boolean anyHome = own == Copy.HOME || !homes.isEmpty();
        if (anyHome && own != Copy.HOME) {
            return false;
        }
        List<Integer> rivals = anyHome
                ? homes
                : directory.holders(id).stream().map(Holding::node).toList();
        int self = directory.self();
        boolean selfLeaves = draining.test(self);
        return rivals.stream().allMatch(other -> {
            boolean otherLeaves = draining.test(other);
            return selfLeaves == otherLeaves ? self < other : otherLeaves;
        });
    }

    /** Returns the replica that is given up first: the one on the highest number. */
    static boolean isLastReplica(Directory directory, SegmentId id) {
        int highest = directory.holders(id).stream()
                .filter(Holding::replica)
                .mapToInt(Holding::node)
                .max()
                .orElse(0);
        return directory.self() > highest;
    }
}
