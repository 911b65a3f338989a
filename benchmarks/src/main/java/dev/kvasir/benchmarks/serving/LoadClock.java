package dev.kvasir.benchmarks.serving;

import java.util.concurrent.TimeUnit;

/** The clock of a load: what time it is, and waiting for a time. Tests script it. */
interface LoadClock {
    /** Returns a time in nanoseconds that only goes forward. */
    long nanoTime();

    /** Waits until {@link #nanoTime} has reached a time. */
    void sleepUntil(long nanos) throws InterruptedException;

    /** Returns the machine's clock. */
    static LoadClock system() {
        return new LoadClock() {
            @Override
            public long nanoTime() {
                return System.nanoTime();
            }

            @Override
            public void sleepUntil(long nanos) throws InterruptedException {
                long left = nanos - System.nanoTime();
                while (left > 0) {
                    TimeUnit.NANOSECONDS.sleep(left);
                    left = nanos - System.nanoTime();
                }
            }
        };
    }
}
