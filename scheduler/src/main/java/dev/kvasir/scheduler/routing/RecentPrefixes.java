package dev.kvasir.scheduler.routing;

import dev.kvasir.pool.SegmentId;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Prefixes that a node was sent, as the set of their segments; the least recently sent ones are forgotten when it's full, ends before beginnings. */
final class RecentPrefixes {
    private static final float LOAD_FACTOR = 0.75f;

    private final int most;
    private final Map<SegmentId, Boolean> segments = new LinkedHashMap<>(16, LOAD_FACTOR, true); // the oldest first

    RecentPrefixes(int most) {
        this.most = most;
    }

    /** Returns how many segments of a path are known from its beginning on; not a use. */
    int matched(List<SegmentId> path) {
        int matched = 0;
        while (matched < path.size() && segments.containsKey(path.get(matched))) {
            matched++;
        }
        return matched;
    }

    void add(List<SegmentId> path) {
        // Backwards, so that a parent is younger than its child, and no child outlives it.
        for (int i = path.size() - 1; i >= 0; i--) {
            segments.put(path.get(i), true);
        }
        Iterator<SegmentId> oldest = segments.keySet().iterator();
        for (int surplus = segments.size() - most; surplus > 0; surplus--) {
            oldest.next();
            oldest.remove();
        }
    }

    int size() {
        return segments.size();
    }
}
