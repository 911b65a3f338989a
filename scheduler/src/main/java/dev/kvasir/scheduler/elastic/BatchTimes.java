package dev.kvasir.scheduler.elastic;

/** How long batches of sorted requests take. */
interface BatchTimes {
    /** Returns the seconds of a batch of requests {@code [from, to)} that so many nodes compute together. */
    double seconds(int from, int to, int nodes);
}
