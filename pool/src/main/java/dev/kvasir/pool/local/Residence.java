package dev.kvasir.pool.local;

import dev.kvasir.pool.SegmentHeader;
import dev.kvasir.pool.SegmentId;

/** Hears which segments the device has, as they come and go. Called in the midst of a change: it must not call the pool. */
public interface Residence {
    /** Hears nothing. */
    Residence NONE = new Residence() {
        @Override
        public void onHere(SegmentHeader segment) {
            // Nobody wants to know.
        }

        @Override
        public void onGone(SegmentId segment) {
            // Nobody wants to know.
        }
    };

    /** A segment was sealed on the device and can be matched. */
    void onHere(SegmentHeader segment);

    /** A segment has left the device: evicted or deleted. */
    void onGone(SegmentId segment);
}
