package dev.kvasir.engine.streams;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.engine.fuzz.EventLoopWatch;
import dev.kvasir.engine.streams.StreamClient.Manner;
import dev.kvasir.engine.testkit.TestServer;
import dev.kvasir.testing.RandomizedTest;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;

/**
 * Many streams at once over loopback. The model is a parrot, so what is measured is everything but a model: sockets, events, scheduler and pool; a step takes as long as it is told to. Every answer must be
 * right, memory must not grow with what slow readers haven't read, and nothing may be left.
 */
class ManyStreamsTest {
    private static final Manner[] MANNERS = {
        Manner.STEADY, Manner.STEADY, Manner.STALLS, Manner.LEAVES, Manner.LEAVES_AT_ONCE
    };
    private static final long MOST_HEAP = 192L << 20;

    @RandomizedTest(1)
    void sixtyStreams(SplittableRandom random) throws Exception {
        run(60, 5, random);
    }

    @Tag("nightly")
    @RandomizedTest(1)
    void fiveHundredStreams(SplittableRandom random) throws Exception {
        run(500, 25, random);
    }

    /** @param stepMillis how long a step takes */
    private static void run(int count, int stepMillis, SplittableRandom random) throws Exception {
        try (TestServer server = TestServer.start(
                        1024,
                        count * 40,
                        TestServer::render,
                        "scheduler.maxSequences=512",
                        "scheduler.maxStepTokens=2048",
                        "scheduler.maxQueued=1024",
                        "http.maxConnections=2048",
                        "http.sendBufferBytes=16KiB");
                EventLoopWatch watch = warm(server)) {
            server.runner.pace(TimeUnit.MILLISECONDS.toNanos(stepMillis));
            long before = usedAfterCollection();
            long began = System.nanoTime();
            List<StreamClient> clients = new ArrayList<>();
            Queue<String> wrong = new ConcurrentLinkedQueue<>();
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                StreamClient client =
                        new StreamClient(server.server.port(), MANNERS[i % MANNERS.length], random.split());
                clients.add(client);
                threads.add(new Thread(() -> {
                    String problem = client.run();
                    if (!problem.isEmpty()) {
                        wrong.add(problem);
                    }
                }));
            }
            threads.forEach(Thread::start);
            // Most of the answers are under way or wait for their readers.
            TestServer.await(
                    "half of the tokens", () -> server.scheduler().stats().generatedTokens() > count * 100L);
            long during = usedAfterCollection() - before;
            for (Thread thread : threads) {
                thread.join();
            }
            double seconds = (System.nanoTime() - began) / 1e9;
            assertThat(wrong).isEmpty();
            assertNothingIsLeft(server);
            long after = usedAfterCollection() - before;
            report(count, stepMillis, clients, seconds, during, after, watch);
            assertThat(during).as("heap while they stream, in bytes").isLessThan(MOST_HEAP);
            assertThat(watch.found()).isEmpty();
        }
    }

    /** Has what is run often compiled before anything is measured. */
    private static EventLoopWatch warm(TestServer server) throws InterruptedException {
        for (int i = 0; i < 30; i++) {
            Manner manner = MANNERS[i % 2 == 0 ? 0 : 3];
            assertThat(new StreamClient(server.server.port(), manner, new SplittableRandom(i)).run())
                    .isEmpty();
        }
        return new EventLoopWatch(50);
    }

    private static long usedAfterCollection() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static void assertNothingIsLeft(TestServer server) {
        server.awaitIdle();
        var door = server.server.door();
        TestServer.await("no exchange", () -> door.exchanges() == 0);
        TestServer.await("no connection", () -> door.connections() == 0);
        TestServer.await("no body", () -> door.bodyBytes() == 0);
        TestServer.await("no request", () -> !server.scheduler().hasWork());
        assertThat(server.scheduler().stats().pool().writing()).isZero();
    }

    private static void report(
            int count,
            int stepMillis,
            List<StreamClient> clients,
            double seconds,
            long during,
            long after,
            EventLoopWatch watch) {
        long[] gaps = clients.stream()
                .filter(client -> client.manner() == Manner.STEADY)
                .flatMap(client -> client.gapsNanos().stream())
                .mapToLong(Long::longValue)
                .sorted()
                .toArray();
        long tokens = clients.stream().mapToLong(StreamClient::tokens).sum();
        System.out.printf(
                "%d streams, %d ms a step: %,d tokens in %.1f s; gap between two tokens of a steady reader p50 %.1f ms, p99 %.1f ms,"
                        + " most %.1f ms; heap %+.1f MB meanwhile, %+.1f MB after; busiest handler %d ms of processor time%n",
                count,
                stepMillis,
                tokens,
                seconds,
                gaps[gaps.length / 2] / 1e6,
                gaps[(int) (gaps.length * 0.99)] / 1e6,
                gaps[gaps.length - 1] / 1e6,
                during / 1e6,
                after / 1e6,
                watch.longestMillis());
    }
}
