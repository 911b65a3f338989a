package dev.kvasir.benchmarks.serving;

import java.util.concurrent.Semaphore;

/** A fixed number of requests in flight: the next one is due when one has ended. */
final class ClosedLoop implements Pace {
    private final Semaphore places;
    private final LoadClock clock;

    ClosedLoop(int concurrency, LoadClock clock) {
        if (concurrency < 1) {
            throw new IllegalArgumentException("a concurrency must be at least 1, not " + concurrency);
        }
        this.places = new Semaphore(concurrency);
        this.clock = clock;
    }

    @Override
    public long awaitNext() throws InterruptedException {
        places.acquire();
        return clock.nanoTime();
    }

    @Override
    public void onEnd() {
        places.release();
    }
}
