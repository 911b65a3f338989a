package dev.kvasir.engine.cluster;

import dev.kvasir.pool.Directory.Holding;
import dev.kvasir.pool.SegmentId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which nodes hold which segment: a small sorted array for each, a node's number and below it a bit that says if it's a replica. */
final class HolderIndex {
    private final Map<SegmentId, long[]> holders = new HashMap<>();

    List<Holding> holders(SegmentId id) {
        long[] codes = holders.get(id);
        if (codes == null) {
            return List.of();
        }
        List<Holding> found = new ArrayList<>(codes.length);
        for (long code : codes) {
            found.add(new Holding((int) (code >>> 1), (code & 1) != 0));
        }
        return found;
    }

    void put(SegmentId id, int node, boolean replica) {
        long code = (long) node << 1 | (replica ? 1 : 0);
        holders.merge(id, new long[] {code}, (codes, added) -> {
            long[] others = without(codes, node);
            long[] all = Arrays.copyOf(others, others.length + 1);
            all[others.length] = code;
            Arrays.sort(all);
            return all;
        });
    }

    void remove(SegmentId id, int node) {
        holders.computeIfPresent(id, (key, codes) -> {
            long[] others = without(codes, node);
            return others.length == 0 ? null : others;
        });
    }

    private static long[] without(long[] codes, int node) {
        return Arrays.stream(codes).filter(code -> code >>> 1 != node).toArray();
    }
}
