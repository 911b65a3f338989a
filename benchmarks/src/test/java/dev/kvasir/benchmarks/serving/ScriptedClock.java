package dev.kvasir.benchmarks.serving;

/**
 * A clock that stands still until a test sets it. Who sets it can wait until somebody has read it, so that a server and a
 * client in one process agree on the time of each event without any time passing.
 */
final class ScriptedClock implements LoadClock {
    private long now;
    private long reads;

    @Override
    public synchronized long nanoTime() {
        reads++;
        notifyAll();
        return now;
    }

    /** Sleeping takes no time: the clock jumps ahead. */
    @Override
    public synchronized void sleepUntil(long nanos) {
        now = Math.max(now, nanos);
    }

    synchronized void set(long nanos) {
        now = nanos;
    }

    synchronized void advance(long nanos) {
        now += nanos;
    }

    synchronized long reads() {
        return reads;
    }

    synchronized void awaitReads(long count) throws InterruptedException {
        while (reads < count) {
            wait();
        }
    }
}
