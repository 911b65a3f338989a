package dev.kvasir.benchmarks.eviction;

import java.util.List;

/** Requests in the order in which they come. */
interface Traffic {
    /** Returns what it is called in a report. */
    String name();

    /** Returns the requests for a pool of so many slots, the same at each call. */
    List<Request> requests(int slots);
}
