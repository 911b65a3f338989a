package dev.kvasir.scheduler;

/**
 * Continuous batching over one model runner and one pool. {@link #submit} and {@link #cancel} may be called from any thread;
 * everything else belongs to the step thread.
 */
public interface Scheduler {
    /** What became of a submission. */
    enum Submission {
        ACCEPTED,
        /** {@code maxQueued} requests wait already. */
        QUEUE_FULL,
        /** The scheduler was closed. */
        CLOSED
    }

    /**
     * Queues a request. Thread-safe and quick: it hands the request to the step thread.
     *
     * @throws IllegalArgumentException if prompt and one token don't fit the context or the pool; see {@link #maxTokens()}
     */
    Submission submit(GenerationRequest request, TokenSink sink);

    /** Ends a request, queued or running; unknown ids are ignored. Takes effect before the next step begins. Thread-safe. */
    void cancel(String id);

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

    /** Ends every request with {@link FinishReason#CANCELLED} and accepts no more. */
    void close();
}
