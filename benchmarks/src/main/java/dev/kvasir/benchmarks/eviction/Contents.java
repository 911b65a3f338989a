package dev.kvasir.benchmarks.eviction;

import java.util.Arrays;

/** Numbers for contents of segments, each new. */
final class Contents {
    private long next;

    /** Returns so many contents that nobody has had. */
    long[] fresh(int count) {
        long[] contents = new long[count];
        for (int i = 0; i < count; i++) {
            contents[i] = next++;
        }
        return contents;
    }

    static long[] join(long[] first, long[] second) {
        long[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
