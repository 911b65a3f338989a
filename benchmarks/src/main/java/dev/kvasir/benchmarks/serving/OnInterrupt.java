package dev.kvasir.benchmarks.serving;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Runs something when the user presses Ctrl-C, and holds the end of the process up until this is closed, so that the results so
 * far can be shown.
 */
final class OnInterrupt implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 10;

    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread hook;

    OnInterrupt(Runnable action) {
        hook = new Thread(
                () -> {
                    action.run();
                    awaitClose();
                },
                "bench-interrupt");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void awaitClose() {
        try {
            if (!closed.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                System.err.println("the results did not come within " + PATIENCE_SECONDS + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending: the hook runs already, and now it can end.
        }
    }
}
