package dev.kvasir.scheduler;

import dev.kvasir.pool.MemPool;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Continuous batching over one model runner and one pool. {@link #submit}, {@link #cancel} and {@link #withPool} may be called
 * from any thread, and what says that it is thread-safe; everything else belongs to the step thread.
 */
public interface Scheduler {
    /** What became of a submission. */
    enum Submission {
        ACCEPTED,
        /** {@code maxQueued} requests wait already. */
        QUEUE_FULL,
        /** The scheduler was closed. */
        CLOSED,
        /** No node that runs requests is there. */
        NO_NODE
    }

    /**
     * Queues a request. Thread-safe and quick: it hands the request to the step thread.
     *
     * @throws IllegalArgumentException if prompt and one token, or an embedding's prompt, don't fit the context or the pool; see {@link #maxTokens()}
     */
    Submission submit(GenerationRequest request, TokenSink sink);

    /** Ends a request, queued or running; unknown ids are ignored. Takes effect before the next step begins. Thread-safe. */
    void cancel(String id);

    /** Says that it's about to be closed: from here on nothing that could as well go elsewhere is taken. Thread-safe. */
    default void drain() {}

    /**
     * Has a task done to the pool by the step thread, before the next step begins. Thread-safe and quick; wakes nobody.
     *
     * @param task must not keep the pool, and be done in a moment: no token comes while it runs
     * @return the task's result or what it threw; fails with {@link java.util.concurrent.RejectedExecutionException} if the
     *     scheduler is closed before the task's turn, or too many tasks wait. Whatever depends on it and isn't asynchronous
     *     runs on the step thread, so it hands over and returns at once
     */
    <T> CompletionStage<T> withPool(Function<MemPool, T> task);

    /** Returns the longest sequence that can be served: the context, or what the pool holds if that is less. Thread-safe. */
    int maxTokens();

    /**
     * Does one step: drain commands, plan, run, deliver.
     *
     * @return whether there was anything to do
     */
    boolean step();

    /** Returns whether requests run, wait, or commands are queued. Thread-safe. */
    boolean hasWork();

    /** Returns a snapshot of the counts. Thread-safe. */
    SchedulerStats stats();

    /** Checks scheduler and pool from scratch. */
    void checkInvariants();

    /** Ends every request with {@link FinishReason#CANCELLED}, refuses the tasks that wait, and accepts no more. */
    void close();
}
