package dev.kvasir.engine.routing;

import dev.kvasir.pool.MemPool;
import dev.kvasir.pool.PoolUsage;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.TierCounters;
import dev.kvasir.pool.TierReport;
import dev.kvasir.scheduler.GenerationRequest;
import dev.kvasir.scheduler.Scheduler;
import dev.kvasir.scheduler.SchedulerStats;
import dev.kvasir.scheduler.TokenSink;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** The scheduler of a node that has no model and no pool: it takes nothing, and its steps only take in what others say. */
public final class IdleScheduler implements Scheduler {
    private static final SchedulerStats NOTHING = new SchedulerStats(
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            List.of(new TierReport(Tier.DEVICE, 0, new PoolUsage(0, 0, 0, 0, 0, 0, 0, 0, 0), TierCounters.NONE)));

    private final int maxTokens;
    private final BooleanSupplier poll;
    private final Runnable onClose;

    /**
     * Creates it.
     *
     * @param maxTokens the model's context
     * @param poll done in each step; returns whether there was anything to do
     * @param onClose done at the end, on the step thread
     */
    public IdleScheduler(int maxTokens, BooleanSupplier poll, Runnable onClose) {
        this.maxTokens = maxTokens;
        this.poll = poll;
        this.onClose = onClose;
    }

    @Override
    public Submission submit(GenerationRequest request, TokenSink sink) {
        return Submission.NO_NODE;
    }

    @Override
    public void cancel(String id) {
        // There is none.
    }

    @Override
    public <T> CompletionStage<T> withPool(Function<MemPool, T> task) {
        return CompletableFuture.failedFuture(new RejectedExecutionException("this node has no pool"));
    }

    @Override
    public int maxTokens() {
        return maxTokens;
    }

    @Override
    public boolean step() {
        return poll.getAsBoolean();
    }

    @Override
    public boolean hasWork() {
        return false;
    }

    @Override
    public SchedulerStats stats() {
        return NOTHING;
    }

    @Override
    public void checkInvariants() {
        // There is no state.
    }

    @Override
    public void close() {
        onClose.run();
    }
}
