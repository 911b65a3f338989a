package dev.kvasir.engine.routing;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What routing has done and what it has dropped. Thread-safe. */
public final class RoutingCounters {
    /** What is counted. */
    public enum Count {
        /** Requests that the policy gave to this node. */
        ROUTED_HERE,
        /** Requests that it gave to others. */
        ROUTED_AWAY,
        /** Attempts at other nodes: requests given away, and those sent once more. */
        ATTEMPTS,
        /** Attempts whose worker was silent for too long. */
        FAILED_SILENT,
        /** Attempts whose worker is no node any more. */
        FAILED_GONE,
        /** Attempts of which something was lost. */
        FAILED_LOST,
        /** Attempts that the worker refused. */
        REFUSED,
        /** Attempts that the worker handed back, as it was about to leave. */
        HANDED_BACK,
        /** Requests that went on elsewhere behind tokens that had been delivered. */
        RESUMES,
        /** Requests that were given up: too many attempts failed, or nobody took them. */
        GIVEN_UP,
        /** Tokens of other nodes delivered here. */
        RELAYED_TOKENS,
        /** Requests run for other nodes. */
        SERVED,
        /** Of these, cancelled because their front was silent or gone. */
        ORPHANS,
        /** Dropped: too short or too long. */
        DROPPED_LENGTH,
        /** Dropped: of a version that isn't known. */
        DROPPED_VERSION,
        /** Dropped: not encrypted by who knows the secret. */
        DROPPED_SEAL,
        /** Dropped: meant for another node. */
        DROPPED_RECEIVER,
        /** Dropped: said before. */
        DROPPED_REPLAY,
        /** Dropped: from one who knows the secret, but with values that can't be. */
        DROPPED_VALUE,
        /** Dropped: from a node that isn't known. */
        DROPPED_UNKNOWN,
        /** Dropped: of an attempt that is over. */
        DROPPED_LATE
    }

    private final Map<Count, LongAdder> counts = new EnumMap<>(Count.class);

    public RoutingCounters() {
        for (Count count : Count.values()) {
            counts.put(count, new LongAdder());
        }
    }

    /** Returns a count. */
    public long get(Count count) {
        return adder(count).sum();
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
