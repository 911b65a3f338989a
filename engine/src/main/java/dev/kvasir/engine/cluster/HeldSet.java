package dev.kvasir.engine.cluster;

import dev.kvasir.pool.SegmentId;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A set of segments, each the only copy or a replica, with a checksum that doesn't depend on the order in which it came about: two sets of equal count and
 * checksum are the same unless somebody took pains. Identities are digests, so their words can be added up as they are.
 */
final class HeldSet {
    /** How many there are, and the sum over all. */
    record Checksum(int count, long sum) {}

    private final Map<SegmentId, Boolean> segments = new HashMap<>();
    private long sum;

    /** Returns whether it's a replica, or null if it isn't there. */
    @Nullable
    Boolean get(SegmentId id) {
        return segments.get(id);
    }

    /** Adds one, or says otherwise what it is; returns whether that was new. */
    boolean put(SegmentId id, boolean replica) {
        Boolean before = segments.put(id, replica);
        if (before != null && before == replica) {
            return false;
        }
        sum += term(id, replica) - (before == null ? 0 : term(id, before));
        return true;
    }

    /** Removes one; returns whether it was there. */
    boolean remove(SegmentId id) {
        Boolean before = segments.remove(id);
        if (before == null) {
            return false;
        }
        sum -= term(id, before);
        return true;
    }

    Map<SegmentId, Boolean> segments() {
        return segments;
    }

    Checksum checksum() {
        return new Checksum(segments.size(), sum);
    }

    private static long term(SegmentId id, boolean replica) {
        // The last word is the same for all roots of a tenant, but not for segments; two words and the kind, mixed.
        return (id.w0() ^ Long.rotateLeft(id.w1(), 17)) * (replica ? 0x9E3779B97F4A7C15L : 1);
    }
}
