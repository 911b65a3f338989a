package dev.kvasir.pool.placement;

import dev.kvasir.pool.Directory;
import dev.kvasir.pool.Placement.Copy;
import dev.kvasir.pool.Placement.OwnCopies;
import dev.kvasir.pool.PlacementAction;
import dev.kvasir.pool.SegmentId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;

/** Gives up one of two homes. */
final class Duplicates {
    /*
     * Two nodes that compute the same prefix at once both become its home. Each sees that the other one says so, and both
     * find by the same rule who keeps it: the lowest number that isn't about to leave. So exactly one of two goes.
     *
     * Why that converges: the rule looks at nothing but who holds the segment and who is leaving. Views of these differ for a while
     * and then agree, and from then on all but one holder have the same thing to do, again in every epoch until it's done. A
     * pin only delays it: pinned copies aren't dropped, and a pin ends with its request. (A copy here that is never without a
     * reader stays; then it's hot, and two copies of it are no waste.) While views differ, both may stay, which costs a slot for an
     * epoch, or both may go, which costs computing it again; neither makes a wrong token.
     *
     * A duplicate must be one for a whole epoch before anything is done: while a segment moves, it is on both nodes for a
     * moment, and the one that it comes from will give it up by itself.
     */
    private final Directory directory;
    private final OwnCopies own;
    private final IntPredicate draining;
    private final Map<SegmentId, Boolean> seen = new LinkedHashMap<>(); // whether for a whole epoch

    Duplicates(Directory directory, OwnCopies own, IntPredicate draining) {
        this.directory = directory;
        this.own = own;
        this.draining = draining;
    }

    void onShared(SegmentId id) {
        seen.putIfAbsent(id, false);
    }

    /** Returns what is to be dropped. */
    List<PlacementAction> poll() {
        seen.keySet()
                .removeIf(id -> own.copyOf(id) != Copy.HOME
                        || Keeper.otherHomes(directory, id).isEmpty());
        List<PlacementAction> drops = new ArrayList<>();
        seen.replaceAll((id, wholeEpoch) -> {
            if (wholeEpoch && !Keeper.isSelf(directory, Copy.HOME, id, draining)) {
                drops.add(new PlacementAction.Drop(id));
            }
            return true;
        });
        return drops;
    }

    /** Returns how many are known; each is a segment that this node holds. */
    int count() {
        return seen.size();
    }
}
