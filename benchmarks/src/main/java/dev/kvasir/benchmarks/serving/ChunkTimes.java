package dev.kvasir.benchmarks.serving;

import java.util.Arrays;

/** When the chunks of one answer arrived, ascending, in nanoseconds of the load clock. Immutable. */
final class ChunkTimes {
    static final ChunkTimes NONE = of();

    private final long[] nanos;

    private ChunkTimes(long[] nanos) {
        this.nanos = nanos;
    }

    static ChunkTimes of(long... nanos) {
        return new ChunkTimes(nanos.clone());
    }

    /** Returns how many chunks there were. */
    int count() {
        return nanos.length;
    }

    boolean isEmpty() {
        return nanos.length == 0;
    }

    /** Returns the arrival of chunk {@code index}. */
    long at(int index) {
        return nanos[index];
    }

    /** Returns the first arrival alone, which is what a record of many requests can afford to keep. */
    ChunkTimes first() {
        return nanos.length <= 1 ? this : of(nanos[0]);
    }

    /** Collects arrivals. */
    static final class Builder {
        private long[] nanos = new long[64];
        private int count;

        void add(long nowNanos) {
            if (count == nanos.length) {
                nanos = Arrays.copyOf(nanos, 2 * count);
            }
            nanos[count++] = nowNanos;
        }

        int count() {
            return count;
        }

        ChunkTimes build() {
            return new ChunkTimes(Arrays.copyOf(nanos, count));
        }
    }
}
