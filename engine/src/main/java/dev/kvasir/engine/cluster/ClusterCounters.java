package dev.kvasir.engine.cluster;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What the directory has done and what it has dropped. Thread-safe. */
public final class ClusterCounters {
    /** What is counted. */
    public enum Count {
        /** Segments announced and withdrawn here that the others were told of. */
        CHANGES_SENT,
        /** Batches in which that happened. */
        DELTAS_SENT,
        /** Batches that the map didn't take in time. */
        WRITES_LATE,
        /** Segments announced and withdrawn by others. */
        CHANGES_TAKEN,
        /** Times that a node's segments were read from the map, because it came or a delta was missed. */
        RESYNCS,
        /** Of these, times that failed. */
        RESYNCS_FAILED,
        /** Times that a node's view was not the set that the node says it holds. */
        MISMATCHES,
        /** Entries of the map that weren't what this node had written. */
        REPAIRED,
        /** Nodes that came. */
        JOINED,
        /** Nodes that went. */
        LEFT,
        /** Times that this member was merged into another half of the cluster. */
        MERGES,
        /** Dropped: not bytes, too short or too long. */
        DROPPED_LENGTH,
        /** Dropped: of a version that isn't known. */
        DROPPED_VERSION,
        /** Dropped: not sealed by who knows the secret. */
        DROPPED_SEAL,
        /** Dropped: sealed, but with values that can't be. */
        DROPPED_VALUE,
        /** Dropped: from a node that isn't known. */
        DROPPED_UNKNOWN,
        /** Dropped: said before. */
        DROPPED_REPLAY,
        /** Dropped: a number that another node has. */
        DROPPED_NUMBER,
        /** Dropped: more than could be kept. */
        DROPPED_OVERLOAD
    }

    private final Map<Count, LongAdder> counts = new EnumMap<>(Count.class);

    ClusterCounters() {
        for (Count count : Count.values()) {
            counts.put(count, new LongAdder());
        }
    }

    /** Returns a count. */
    public long get(Count count) {
        return adder(count).sum();
    }

    /** Returns how much was dropped, for whatever reason. */
    public long dropped() {
        long sum = 0;
        for (Count count : Count.values()) {
            sum += count.name().startsWith("DROPPED_") ? get(count) : 0;
        }
        return sum;
    }

    void add(Count count) {
        adder(count).increment();
    }

    void add(Count count, long times) {
        adder(count).add(times);
    }

    private LongAdder adder(Count count) {
        LongAdder adder = counts.get(count);
        if (adder == null) {
            throw new IllegalStateException("nobody counts " + count);
        }
        return adder;
    }
}
