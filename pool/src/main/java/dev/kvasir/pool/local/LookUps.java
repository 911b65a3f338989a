package dev.kvasir.pool.local;

import dev.kvasir.pool.PinnedPrefix;
import java.util.IdentityHashMap;
import java.util.Map;

/** Look-ups that may yet be given up. One counts as a use of what it found once its prefix grows or is released. */
final class LookUps {
    private record LookUp(long atNanos, int segments) {}

    private final Map<PinnedPrefix, LookUp> begun = new IdentityHashMap<>();
    private final SegmentTimes times;

    LookUps(SegmentTimes times) {
        this.times = times;
    }

    /** A look-up has found a prefix. */
    void found(PinnedPrefix prefix) {
        begun.put(prefix, new LookUp(times.now(), prefix.segments()));
    }

    /**
     * A prefix has grown or is about to be released, maybe one that no look-up has found.
     *
     * @param alive has its segments
     */
    void settle(PinnedPrefix prefix, PinnedPrefix alive) {
        LookUp lookUp = begun.remove(prefix);
        if (lookUp != null) {
            for (int i = 0; i < lookUp.segments(); i++) {
                times.used(alive.address(i).slot(), lookUp.atNanos());
            }
        }
    }

    /** A prefix was given up: nothing was found. */
    void forget(PinnedPrefix prefix) {
        begun.remove(prefix);
    }
}
