package dev.kvasir.benchmarks.serving;

/** Sends requests without waiting for their answers. */
interface Sender {
    /**
     * Sends now.
     *
     * @param index which request of the run
     * @param dueNanos when it should have been sent
     * @param body the request's JSON
     */
    Call send(int index, long dueNanos, byte[] body);
}
