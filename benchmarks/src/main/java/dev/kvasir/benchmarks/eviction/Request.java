package dev.kvasir.benchmarks.eviction;

/**
 * A request as an eviction policy could notice it.
 *
 * @param group what it is counted under; {@link #WARM_UP} isn't reported
 * @param prompt how many of the segments are prompt and may be found
 * @param segments prompt and then answer, a number for the content of each; not copied
 */
record Request(String group, int prompt, long[] segments) {
    static final String WARM_UP = "warm-up";

    Request {
        if (prompt < 0 || prompt > segments.length) {
            throw new IllegalArgumentException("a prompt of " + prompt + " of " + segments.length + " segments");
        }
    }
}
