package dev.kvasir.pool.cluster;

import dev.kvasir.pool.SegmentId;
import java.util.ArrayList;
import java.util.List;

/** The segments of one chain that one node is asked for. */
final class Wanted {
    final SegmentId parent; // of the first
    final int first; // its index in the chain
    private final List<Integer> indices = new ArrayList<>(); // from the first one on
    private final List<SegmentId> ids = new ArrayList<>();

    Wanted(SegmentId parent, int first) {
        this.parent = parent;
        this.first = first;
    }

    void add(int index, SegmentId id) {
        indices.add(index - first);
        ids.add(id);
    }

    /** Returns the index of one of them in the chain. */
    int indexOf(SegmentId id) {
        return first + indices.get(ids.indexOf(id));
    }

    int size() {
        return ids.size();
    }

    /** Returns the index of the last one in the chain. */
    int last() {
        return first + indices.get(indices.size() - 1);
    }

    int[] indices() {
        return indices.stream().mapToInt(Integer::intValue).toArray();
    }

    SegmentId[] ids() {
        return ids.toArray(new SegmentId[0]);
    }
}
