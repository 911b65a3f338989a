package dev.kvasir.pool.cluster;

import dev.kvasir.pool.Directory;
import dev.kvasir.pool.MemPool;
import dev.kvasir.pool.SegmentHeader;
import dev.kvasir.pool.SegmentId;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Segments that this node has and another one, too, though nobody wanted two copies: both have computed them at once. The node with the lowest number
 * keeps its copy, the others drop theirs once nobody there reads them.
 */
final class Duplicates {
    /*
     * Both nodes reason alike from what the directory says, so at most one copy goes. The directory may lag: until each has heard of the other there are
     * two copies, and a node that has left in the meantime may have been the one that was to keep its copy; then the segment is computed again.
     */
    private final MemPool pool;
    private final Directory directory;
    private final Map<SegmentId, SegmentHeader> here;
    private final Set<SegmentId> suspects = new LinkedHashSet<>();
    private boolean changed; // since suspects were last looked at
    private long dropped;

    Duplicates(MemPool pool, Directory directory, Map<SegmentId, SegmentHeader> here) {
        this.pool = pool;
        this.directory = directory;
        this.here = here;
    }

    /** A segment is here; maybe elsewhere, too. */
    void onHere(SegmentId id) {
        if (here.containsKey(id) && isElsewhere(id)) {
            suspects.add(id);
            changed = true;
        }
    }

    void onGone(SegmentId id) {
        suspects.remove(id);
    }

    /** Something may not be in use any more. */
    void onReleased() {
        changed = true;
    }

    private boolean isElsewhere(SegmentId id) {
        for (Directory.Holding other : directory.holders(id)) {
            if (!other.replica() && other.node() < directory.self()) {
                return true;
            }
        }
        return false;
    }

    /** Drops what can be dropped. */
    void drop() {
        if (!changed || suspects.isEmpty()) {
            return;
        }
        changed = false;
        for (Iterator<SegmentId> each = Set.copyOf(suspects).iterator(); each.hasNext(); ) {
            SegmentId id = each.next();
            SegmentHeader header = here.get(id);
            if (header == null || !isElsewhere(id)) {
                suspects.remove(id);
            } else {
                dropped += pool.delete(header.parent(), header.tokens());
            }
        }
    }

    /** Returns how many were dropped so far. */
    long dropped() {
        return dropped;
    }
}
