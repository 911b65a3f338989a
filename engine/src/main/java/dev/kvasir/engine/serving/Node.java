package dev.kvasir.engine.serving;

import dev.kvasir.engine.metrics.ServingMetrics;
import dev.kvasir.pool.MemPool;
import dev.kvasir.runner.Guides;
import dev.kvasir.scheduler.FinishReason;
import dev.kvasir.scheduler.GenerationRequest;
import dev.kvasir.scheduler.RequestStats;
import dev.kvasir.scheduler.Scheduler;
import dev.kvasir.scheduler.TokenSink;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** This node: its phase, and once it is ready what it serves. Thread-safe. */
public final class Node {
    /** What a node is doing. */
    public enum Phase {
        /** The model is being loaded. */
        LOADING,
        READY,
        /** Running requests may end, new ones are refused. */
        DRAINING,
        /** A step broke. */
        FAILED
    }

    /**
     * What a ready node has.
     *
     * @param model what is served
     * @param scheduler decides what runs; only its thread-safe methods are used here
     * @param roots where tenants' caches start
     * @param guard keeps control tokens in messages text
     * @param guides compiles what answers are to look like
     * @param metrics where requests' times go
     * @param nanoTime the scheduler's clock
     */
    public record Serving(
            ServedModel model,
            Scheduler scheduler,
            CacheRoots roots,
            ContentGuard guard,
            Guides guides,
            ServingMetrics metrics,
            LongSupplier nanoTime) {}

    private final long createdSeconds;
    private final RequestWatch watch;
    private volatile Phase phase = Phase.LOADING;
    private volatile @Nullable Serving serving;
    private volatile @Nullable StepThread stepThread;

    /**
     * Creates a node that is loading.
     *
     * @param watch told of the requests that come in here
     */
    public Node(long createdSeconds, RequestWatch watch) {
        this.createdSeconds = createdSeconds;
        this.watch = watch;
    }

    /** Makes the node ready; the step thread is its own from here on. */
    public void serve(Serving what, StepThread thread) {
        serving = what;
        stepThread = thread;
        if (phase == Phase.LOADING) {
            phase = Phase.READY;
        }
    }

    public Phase phase() {
        return phase;
    }

    /** Returns when the node was started, in seconds since 1970. */
    public long createdSeconds() {
        return createdSeconds;
    }

    /** Returns what is served, null while loading. */
    public @Nullable Serving serving() {
        return serving;
    }

    /** Refuses new requests from here on. */
    public void drain() {
        if (phase != Phase.FAILED) {
            phase = Phase.DRAINING;
        }
        Serving now = serving;
        if (now != null) {
            now.scheduler().drain();
        }
    }

    /** Says that the step thread broke. */
    public void fail() {
        phase = Phase.FAILED;
    }

    /** Returns whether no step will begin any more. */
    public boolean isStopped() {
        StepThread thread = stepThread;
        return thread != null && thread.isStopped();
    }

    Scheduler.Submission submit(GenerationRequest request, TokenSink sink) {
        Serving now = serving;
        if (now == null || phase == Phase.FAILED) {
            return Scheduler.Submission.CLOSED;
        }
        // Before it is submitted, or its first events could come first.
        watch.onSubmitted(request, now.nanoTime().getAsLong());
        Scheduler.Submission submission = now.scheduler().submit(request, sink);
        wake();
        if (submission != Scheduler.Submission.ACCEPTED) {
            watch.onRefused(request.id(), submission);
        }
        return submission;
    }

    /** Ends a request, queued or running; one that isn't known is ignored. Thread-safe. */
    public void cancel(String id) {
        Serving now = serving;
        if (now != null) {
            now.scheduler().cancel(id);
            wake();
        }
    }

    /**
     * Has a task done to the pool by the step thread; see {@link Scheduler#withPool}. Thread-safe.
     *
     * @return fails with {@link RejectedExecutionException} too if there is no pool yet or the node has failed
     */
    public <T> CompletionStage<T> withPool(Function<MemPool, T> task) {
        Serving now = serving;
        if (now == null || phase == Phase.FAILED) {
            return CompletableFuture.failedFuture(new RejectedExecutionException("this node doesn't serve"));
        }
        CompletionStage<T> answer = now.scheduler().withPool(task);
        wake();
        return answer;
    }

    /** Says that a request that came in here has ended, as its client sees it. */
    void ended(String id, FinishReason reason, RequestStats stats) {
        watch.onEnded(id, reason, stats);
    }

    /** Says that the step thread may have something to do. Thread-safe. */
    public void wake() {
        StepThread thread = stepThread;
        if (thread != null) {
            thread.wake();
        }
    }
}
