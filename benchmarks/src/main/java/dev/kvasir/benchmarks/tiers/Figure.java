package dev.kvasir.benchmarks.tiers;

import java.util.List;

/**
 * One thing that was timed several times.
 *
 * @param group what it belongs to
 * @param name what it is
 * @param bytes moved each time; 0 where nothing is
 * @param times how long it took each time
 */
record Figure(String group, String name, long bytes, Times times) {
    /** Returns a figure of times in nanoseconds. */
    static Figure of(String group, String name, long bytes, List<Long> nanos) {
        return new Figure(group, name, bytes, Times.of(nanos));
    }

    boolean isRate() {
        return bytes > 0;
    }

    /** Returns gigabytes (10^9 bytes) a second at the median time. */
    double gigabytesPerSecond() {
        return bytes / times.median();
    }
}
