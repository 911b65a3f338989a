package dev.kvasir.engine.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.engine.testkit.TestServer;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.lang.management.ManagementFactory;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is taken for a blocked event loop. */
class EventLoopWatchTest {
    private final Vertx vertx = Vertx.vertx();
    private final Context loop = vertx.getOrCreateContext();

    /** Threads are there once they have done something; the watch looks for new ones now and then. */
    @BeforeEach
    void start() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        loop.runOnContext(v -> begun.countDown());
        begun.await();
    }

    @AfterEach
    void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    @Test
    void aHandlerThatComputesForLongIsFoundWithItsStack() throws Exception {
        try (EventLoopWatch watch = new EventLoopWatch(50)) {
            CountDownLatch done = new CountDownLatch(1);
            loop.runOnContext(v -> {
                compute(200);
                done.countDown();
            });
            done.await();
            assertThat(watch.found())
                    .singleElement()
                    .asString()
                    .contains("has computed for", "EventLoopWatchTest.compute");
            assertThat(watch.longestMillis()).isBetween(50L, 400L);
        }
    }

    @Test
    void aHandlerThatWaitsIsFound() throws Exception {
        try (EventLoopWatch watch = new EventLoopWatch(50)) {
            CountDownLatch found = new CountDownLatch(1);
            loop.runOnContext(v -> {
                try {
                    found.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            TestServer.await("it's found", () -> !watch.found().isEmpty());
            found.countDown();
            assertThat(watch.found()).singleElement().asString().contains("waits", "CountDownLatch.await");
        }
    }

    @Test
    void manyShortHandlersAreNone() throws Exception {
        try (EventLoopWatch watch = new EventLoopWatch(50)) {
            CountDownLatch done = new CountDownLatch(40);
            for (int i = 0; i < 40; i++) {
                loop.runOnContext(v -> {
                    compute(5);
                    done.countDown();
                });
            }
            done.await();
            assertThat(watch.found()).isEmpty();
        }
    }

    /** Takes so many milliseconds of processor time, whatever the clock says. */
    private static void compute(long millis) {
        var times = ManagementFactory.getThreadMXBean();
        long end = times.getCurrentThreadCpuTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        long spins = 0;
        while (times.getCurrentThreadCpuTime() < end) {
            spins++;
        }
        assertThat(spins).isPositive();
    }
}
