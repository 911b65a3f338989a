package dev.kvasir.benchmarks.serving;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests at a {@linkplain Pace pace} and hands on their results. {@link #run} blocks the calling thread, which does
 * the sending; {@link #stop} may come from any other.
 */
final class LoadGenerator {
    /** So many failures in a row mean that there is nothing to measure. */
    static final int HOPELESS = 50;

    private final Sender sender;
    private final LoadClock clock;
    private final Consumer<RequestResult> results;
    /** Requests under way, each with a future that completes once its result was handed on. */
    private final Map<Call, CompletableFuture<@Nullable Void>> inFlight = new ConcurrentHashMap<>();

    private final AtomicInteger failuresInARow = new AtomicInteger();

    private volatile boolean stopped;
    private volatile @Nullable Thread sendingThread;

    /**
     * A generator for one run.
     *
     * @param results takes each result, from any thread
     */
    LoadGenerator(Sender sender, LoadClock clock, Consumer<RequestResult> results) {
        this.sender = sender;
        this.clock = clock;
        this.results = results;
    }

    /**
     * Sends until the limit is reached, {@link #stop} is called or {@value #HOPELESS} requests in a row have failed; then waits for
     * the answers that are still coming.
     *
     * @param bodies the JSON of each request; made before it is due, so that making it delays nothing
     * @return how long it took, from the start until the last answer has ended, in nanoseconds
     */
    long run(Pace pace, LoadLimit limit, IntFunction<byte[]> bodies) {
        sendingThread = Thread.currentThread();
        long startNanos = clock.nanoTime();
        try {
            for (int index = 0; index < limit.requests() && isWorthwhile(); index++) {
                byte[] body = bodies.apply(index);
                long dueNanos = pace.awaitNext();
                if (!isWorthwhile() || dueNanos - startNanos >= limit.nanos()) {
                    break;
                }
                send(pace, index, dueNanos, body);
            }
        } catch (InterruptedException e) {
            stopped = true; // by stop(), or by whoever wants this thread back: both mean to end now
        } finally {
            sendingThread = null;
        }
        if (stopped) {
            cancelInFlight();
            Thread.interrupted(); // stop() may have come when the loop was over
        }
        CompletableFuture.allOf(inFlight.values().toArray(CompletableFuture[]::new))
                .join();
        return clock.nanoTime() - startNanos;
    }

    /** Ends the run now: nothing more is sent and what is in flight is given up. */
    void stop() {
        stopped = true;
        Thread thread = sendingThread;
        if (thread != null) {
            thread.interrupt();
        }
        cancelInFlight();
    }

    /** Returns whether the run was cut short because nothing but failures came back. */
    boolean isHopeless() {
        return failuresInARow.get() >= HOPELESS;
    }

    private boolean isWorthwhile() {
        return !stopped && !isHopeless();
    }

    private void send(Pace pace, int index, long dueNanos, byte[] body) {
        Call call = sender.send(index, dueNanos, body);
        CompletableFuture<@Nullable Void> handled = new CompletableFuture<>();
        inFlight.put(call, handled);
        CompletableFuture<?> unused = call.answer().thenAccept(result -> {
            try {
                if (result.isSuccess()) {
                    failuresInARow.set(0);
                } else {
                    failuresInARow.incrementAndGet();
                }
                results.accept(result);
            } finally {
                inFlight.remove(call);
                handled.complete(null);
                pace.onEnd();
            }
        });
    }

    private void cancelInFlight() {
        inFlight.keySet().forEach(call -> call.cancel().run());
    }
}
