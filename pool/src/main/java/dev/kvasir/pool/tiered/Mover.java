package dev.kvasir.pool.tiered;

import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Copies on other threads, books on one: a job runs on the executor, what follows from it runs on the owner's thread when that asks.
 *
 * <p>How many jobs wait is bounded by their owner: each holds a slot.
 */
public final class Mover {
    /** What runs on the executor. */
    public interface Job {
        void run() throws IOException;
    }

    /** What the owner does afterwards. */
    public interface Outcome {
        /**
         * Takes it in.
         *
         * @param failure null if the job ran to its end
         * @param nanos how long it ran
         */
        void accept(@Nullable IOException failure, long nanos);
    }

    private record Done(Outcome outcome, @Nullable IOException failure, long nanos) {
        void tell() {
            outcome.accept(failure, nanos);
        }
    }

    private final Executor executor;
    private final LongSupplier nanoTime;
    private final Runnable onDone;
    private final Runnable onWait;
    private final BlockingQueue<Done> done = new LinkedBlockingQueue<>();
    private int inFlight; // owner's

    /**
     * Creates a mover with nothing to do.
     *
     * @param executor runs jobs; stays its owner's
     * @param nanoTime a monotonic clock
     * @param onDone called on the executor after each job: wakes the owner
     */
    public Mover(Executor executor, LongSupplier nanoTime, Runnable onDone) {
        this(executor, nanoTime, onDone, () -> {});
    }

    /** Creates one that says when its owner has to wait, for an executor that runs nothing by itself. */
    public Mover(Executor executor, LongSupplier nanoTime, Runnable onDone, Runnable onWait) {
        this.executor = executor;
        this.nanoTime = nanoTime;
        this.onDone = onDone;
        this.onWait = onWait;
    }

    /** Returns the clock that jobs are timed by. */
    public LongSupplier nanoTime() {
        return nanoTime;
    }

    /** Begins a job. */
    public void submit(Job job, Outcome outcome) {
        inFlight++;
        executor.execute(() -> {
            long begun = nanoTime.getAsLong();
            IOException failure = null;
            try {
                job.run();
            } catch (IOException e) {
                failure = e;
            } catch (RuntimeException | Error e) {
                failure = new IOException("a copy broke: " + e, e);
            } finally {
                done.add(new Done(outcome, failure, nanoTime.getAsLong() - begun));
                onDone.run();
            }
        });
    }

    /** Returns how many jobs haven't been taken in. */
    public int inFlight() {
        return inFlight;
    }

    /** Takes in the jobs that are done. Returns whether there was one. */
    public boolean poll() {
        boolean any = false;
        for (Done next = done.poll(); next != null; next = done.poll()) {
            take(next);
            any = true;
        }
        return any;
    }

    /** Waits for a job and takes it in. */
    public void await() {
        if (inFlight == 0) {
            throw new IllegalStateException("nothing is under way");
        }
        if (done.isEmpty()) {
            onWait.run();
        }
        boolean interrupted = false;
        while (true) {
            try {
                take(done.take());
                break;
            } catch (InterruptedException e) {
                // The books would be wrong without this job; the owner sees the interrupt afterwards.
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void take(Done next) {
        inFlight--;
        next.tell();
    }
}
