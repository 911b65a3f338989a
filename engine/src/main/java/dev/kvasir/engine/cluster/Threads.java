package dev.kvasir.engine.cluster;

import dev.kvasir.engine.cluster.ClusterCounters.Count;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The directory's two threads. A failure is logged and ends nothing; after {@link #close} nothing runs. */
final class Threads implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Threads.class);
    private static final int MOST_WAITING = 10_000;

    private final ScheduledThreadPoolExecutor directory = executor("kvasir-directory");
    private final ScheduledThreadPoolExecutor chores = executor("kvasir-chores");
    private final AtomicInteger waiting = new AtomicInteger();
    private final ClusterCounters counters;

    Threads(ClusterCounters counters) {
        this.counters = counters;
    }

    private static ScheduledThreadPoolExecutor executor(String name) {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        executor.setContinueExistingPeriodicTasksAfterShutdownPolicy(false);
        return executor;
    }

    /** Runs what strangers may have caused on the directory thread; dropped and counted if too much waits already. */
    void may(Runnable task) {
        if (waiting.incrementAndGet() > MOST_WAITING) {
            waiting.decrementAndGet();
            counters.add(Count.DROPPED_OVERLOAD);
            return;
        }
        run(directory, () -> {
            waiting.decrementAndGet();
            task.run();
        });
    }

    /** Runs what this node itself has caused on the directory thread. */
    void must(Runnable task) {
        run(directory, task);
    }

    /** Runs it on the thread for chores. */
    void chore(Runnable task) {
        run(chores, task);
    }

    private static void run(ScheduledThreadPoolExecutor on, Runnable task) {
        try {
            on.execute(safe(task));
        } catch (RejectedExecutionException e) {
            log.debug("nothing runs any more");
        }
    }

    /** Returns what it gives on the directory thread; waits for it. */
    <T> T ask(Supplier<T> question) {
        try {
            return CompletableFuture.supplyAsync(question, directory).join();
        } catch (CompletionException e) {
            throw new IllegalStateException("no answer", e);
        }
    }

    /** Runs it on the directory thread again and again, so long after its end. */
    void every(long millis, Runnable task) {
        directory.scheduleWithFixedDelay(safe(task), millis, millis, TimeUnit.MILLISECONDS);
    }

    void everyChore(long millis, Runnable task) {
        chores.scheduleWithFixedDelay(safe(task), millis, millis, TimeUnit.MILLISECONDS);
    }

    private static Runnable safe(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException e) {
                // Hazelcast throws while it ends or merges; what was to be done is done again in a while.
                log.debug("a task of the directory failed", e);
            }
        };
    }

    @Override
    public void close() {
        directory.shutdownNow();
        chores.shutdownNow();
    }
}
