package dev.kvasir.engine.cluster;

import com.hazelcast.map.IMap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** The map {@code kvasir.segments}. Its keys and values are arrays of bytes, whatever else a stranger may have put there. */
final class SegmentMap {
    private final IMap<Object, Object> map;
    private final Seal seal;
    private final ClusterCounters counters;

    SegmentMap(IMap<Object, Object> map, Seal seal, ClusterCounters counters) {
        this.map = map;
        this.seal = seal;
        this.counters = counters;
    }

    /** Begins to write changes of what a node holds; done when all members have them that should. */
    CompletableFuture<Void> write(int node, long delta, List<Change> changes) {
        Map<byte[], byte[]> held = new HashMap<>();
        List<CompletableFuture<?>> writes = new ArrayList<>();
        for (Change change : changes) {
            byte[] key = SegmentEntry.key(node, change.id());
            if (change.kind() == Change.Kind.WITHDRAWN) {
                writes.add(map.deleteAsync(key).toCompletableFuture());
            } else {
                held.put(key, SegmentEntry.value(key, change.kind() == Change.Kind.REPLICA, delta, seal));
            }
        }
        if (!held.isEmpty()) {
            writes.add(map.setAllAsync(held).toCompletableFuture());
        }
        return CompletableFuture.allOf(writes.toArray(new CompletableFuture<?>[0]));
    }

    /** Reads what a node has written; waits. What isn't sealed is left out and counted. */
    List<Change> read(int node) {
        List<Change> found = new ArrayList<>();
        for (Map.Entry<Object, Object> entry : map.entrySet(HeldBy.node(node))) {
            if (entry.getKey() instanceof byte[] key && entry.getValue() instanceof byte[] value) {
                try {
                    found.add(SegmentEntry.decode(key, value, seal));
                } catch (RefusedException e) {
                    counters.add(e.reason());
                }
            }
        }
        return found;
    }

    /** Removes what a node has written; waits. */
    void removeAll(int node) {
        map.removeAll(HeldBy.node(node));
    }

    /** Removes what none of these nodes has written; waits. */
    void removeAllBut(int[] nodes) {
        map.removeAll(HeldBy.noneOf(nodes));
    }
}
