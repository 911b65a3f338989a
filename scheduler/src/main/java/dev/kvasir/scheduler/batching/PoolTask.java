package dev.kvasir.scheduler.batching;

import dev.kvasir.pool.MemPool;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What somebody wants of the pool, and who waits for the answer. Made by the asking thread, run by the step thread. */
final class PoolTask<T> {
    private final Function<MemPool, T> task;
    private final CompletableFuture<T> answer = new CompletableFuture<>();
    private @Nullable Runnable outcome; // null until it ran

    PoolTask(Function<MemPool, T> task) {
        this.task = task;
    }

    /** Returns where the answer will be. */
    CompletionStage<T> answer() {
        return answer;
    }

    /** Runs it; who waits is told by {@link #tell}. */
    void run(MemPool pool) {
        try {
            T result = task.apply(pool);
            outcome = () -> answer.complete(result);
        } catch (RuntimeException | Error e) {
            outcome = () -> answer.completeExceptionally(e); // the asker's problem, not the step's
        }
    }

    /** Tells what came of it. */
    void tell() {
        if (outcome == null) {
            throw new IllegalStateException("the task has not run");
        }
        outcome.run();
    }

    /** Tells that it won't be run. */
    void reject(String why) {
        answer.completeExceptionally(new RejectedExecutionException(why));
    }
}
