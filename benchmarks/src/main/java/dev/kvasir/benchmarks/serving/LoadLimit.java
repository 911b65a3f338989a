package dev.kvasir.benchmarks.serving;

/**
 * When a run sends no more; whichever comes first.
 *
 * @param requests how many requests
 * @param nanos how long after the start the last request may be due
 */
record LoadLimit(int requests, long nanos) {
    LoadLimit {
        if (requests < 1 || nanos < 1) {
            throw new IllegalArgumentException(
                    "a run needs at least one request and some time, not " + requests + " and " + nanos + " ns");
        }
    }

    static LoadLimit ofRequests(int requests) {
        return new LoadLimit(requests, Long.MAX_VALUE);
    }
}
