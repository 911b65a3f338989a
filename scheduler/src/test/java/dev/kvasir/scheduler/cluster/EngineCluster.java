package dev.kvasir.scheduler.cluster;

import dev.kvasir.pool.ReadPlan.Way;
import dev.kvasir.pool.WireHub;
import dev.kvasir.pool.directory.DirectoryHub;
import dev.kvasir.scheduler.cluster.ClusterEngine.Answer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Nodes with a real model each, in one process: their frames go through bytes and another thread, their queries are answered by threads of their own. Steps are driven by
 * hand.
 */
final class EngineCluster implements AutoCloseable {
    static final int SEGMENT = 16;
    /** An answer that is late because the machine is busy must not fail a test. */
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(20);

    private static final int SHARE_TOKENS = 2048;

    private static final long IDLE_NANOS = 100_000;
    private static final long RETRY_NANOS = 50_000_000;
    private static final int ROUNDS_OF_A_MOVE = 20; // of segments; a lease lasts far longer
    private static final long PATIENCE_NANOS = 10_000_000_000L;

    private final ExecutorService network = Executors.newSingleThreadExecutor();
    final WireHub wires = new WireHub(network);
    final DirectoryHub directory = new DirectoryHub();
    final List<ClusterEngine> nodes = new ArrayList<>();

    @Nullable
    Way forcedWay = Way.QUERY; // null: what is faster

    /** Prompts with so many tokens that aren't cached are computed by all nodes. */
    volatile int togetherFrom = Integer.MAX_VALUE;

    final int shareTokens;

    private final Path model;
    final long patienceNanos;
    private volatile long now; // nanoseconds; moves by hand

    EngineCluster(Path model, int count, int slots) {
        this(model, count, slots, PATIENCE);
    }

    /** @param patienceNanos of real time, that a query's answer is waited for */
    EngineCluster(Path model, int count, int slots, long patienceNanos) {
        this(model, count, slots, patienceNanos, SHARE_TOKENS);
    }

    /** @param shareTokens that a node computes at once of a prompt that several compute, at most */
    EngineCluster(Path model, int count, int slots, long patienceNanos, int shareTokens) {
        this.shareTokens = shareTokens;
        this.model = model;
        this.patienceNanos = patienceNanos;
        for (int i = 0; i < count; i++) {
            nodes.add(new ClusterEngine(model, this, slots));
        }
    }

    ClusterEngine node(int index) {
        return nodes.get(index);
    }

    Path model() {
        return model;
    }

    long now() {
        return now;
    }

    /** Lets time pass. */
    void pass(long nanos) {
        now += nanos;
    }

    /** Has all nodes step until nobody has anything to do. */
    void finish() {
        int idle = 0;
        while (idle < 3) {
            boolean any = false; // of the steps
            for (ClusterEngine node : nodes) {
                any |= node.isAlive() && node.step();
            }
            idle = any || nodes.stream().anyMatch(node -> node.isAlive() && node.scheduler.hasWork()) ? 0 : idle + 1;
            awaitFrames();
            if (!any) {
                pass(RETRY_NANOS); // what another node didn't have any more is looked for again
            }
        }
    }

    /** Checks that no living node holds anything for a request, once what placement moves just now has arrived. */
    void checkNothingIsHeld() {
        List<ClusterEngine> alive =
                nodes.stream().filter(ClusterEngine::isAlive).toList();
        long end = System.nanoTime() + PATIENCE_NANOS; // threads that answer queries may be slow to let go
        for (int round = 0; alive.stream().anyMatch(ClusterEngine::holdsAnything) && System.nanoTime() < end; round++) {
            alive.forEach(ClusterEngine::step);
            awaitFrames();
            if (round < ROUNDS_OF_A_MOVE) {
                pass(RETRY_NANOS);
            }
            LockSupport.parkNanos(IDLE_NANOS);
        }
        alive.forEach(ClusterEngine::checkNothingIsHeld);
    }

    /** Gives each node a thread that steps until no request is left anywhere, with a clock that goes; then finishes by hand. */
    void finishOnThreads() {
        long begun = System.nanoTime();
        long before = now;
        List<Throwable> failures = new CopyOnWriteArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (ClusterEngine node : nodes) {
            Thread thread = new Thread(() -> {
                try {
                    while (failures.isEmpty() && nodes.stream().anyMatch(other -> other.scheduler.hasWork())) {
                        if (!node.scheduler.step()) {
                            now = before + System.nanoTime() - begun;
                            LockSupport.parkNanos(IDLE_NANOS);
                        }
                    }
                } catch (RuntimeException | Error e) {
                    failures.add(e);
                }
            });
            threads.add(thread);
            thread.start();
        }
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        if (!failures.isEmpty()) {
            throw new AssertionError(failures.get(0));
        }
        finish();
    }

    /** Waits until the frames that were sent have arrived. */
    void awaitFrames() {
        try {
            network.submit(() -> {}).get();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** Runs one request on one node and returns what it got. */
    Answer ask(int node, int[] prompt, int tokens) {
        Answer answer = node(node).submit(prompt, tokens);
        finish();
        return answer;
    }

    @Override
    public void close() {
        nodes.forEach(ClusterEngine::close);
        network.shutdown();
    }
}
