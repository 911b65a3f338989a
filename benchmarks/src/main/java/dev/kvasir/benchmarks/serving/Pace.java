package dev.kvasir.benchmarks.serving;

/** Says when the next request is due. */
interface Pace {
    /** Waits until the next request is due and returns that time. Called by the one thread that sends. */
    long awaitNext() throws InterruptedException;

    /** A request has ended. Called from any thread. */
    void onEnd();
}
