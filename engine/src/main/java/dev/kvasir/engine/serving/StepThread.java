package dev.kvasir.engine.serving;

import dev.kvasir.scheduler.Scheduler;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The step thread: steps while there is work, parks while there is none. It owns scheduler, pool and model runner; all others
 * talk to it through the scheduler's thread-safe methods and {@link #wake}.
 */
public final class StepThread {
    private static final Logger log = LoggerFactory.getLogger(StepThread.class);
    private static final long PATIENCE_NANOS = 1_000_000;

    private final Scheduler scheduler;
    private final Runnable onEnd;
    private final Consumer<Throwable> onFailure;
    private final Thread thread;
    private volatile boolean stopped;

    /**
     * Creates the thread; {@link #start} starts it.
     *
     * @param onEnd runs on the step thread after the last step: frees what it owns
     * @param onFailure is told when a step breaks; the thread ends then
     */
    public StepThread(Scheduler scheduler, Runnable onEnd, Consumer<Throwable> onFailure) {
        this.scheduler = scheduler;
        this.onEnd = onEnd;
        this.onFailure = onFailure;
        this.thread = new Thread(this::run, "step");
    }

    /** Starts stepping. */
    public void start() {
        thread.start();
    }

    /** Says that there may be work. Thread-safe. */
    public void wake() {
        LockSupport.unpark(thread);
    }

    /** Ends the thread after the running step; requests that still live are cancelled. */
    public void stop() {
        stopped = true;
        wake();
    }

    /** Returns whether no step will begin any more. */
    public boolean isStopped() {
        return stopped;
    }

    /**
     * Waits until the thread has ended.
     *
     * @return whether it has
     */
    public boolean join(long millis) throws InterruptedException {
        thread.join(Math.max(1, millis));
        return !thread.isAlive();
    }

    private void run() {
        try {
            while (!stopped) {
                if (scheduler.step() || stopped) {
                    continue;
                }
                // A wake-up between here and the parking leaves a permit, and that returns at once.
                if (scheduler.hasWork()) {
                    // All that waits waits for copies between tiers, which wake; its patience may end before.
                    LockSupport.parkNanos(this, PATIENCE_NANOS);
                } else {
                    assert booksAreInOrder();
                    LockSupport.park(this);
                }
            }
        } catch (RuntimeException | Error e) {
            log.error("the step thread broke; this node serves no more", e);
            onFailure.accept(e);
        } finally {
            end();
        }
    }

    private void end() {
        try {
            scheduler.close();
        } catch (RuntimeException e) {
            log.error("the scheduler didn't close", e);
        } finally {
            onEnd.run();
        }
    }

    /** Checked when idle, where assertions are on. */
    private boolean booksAreInOrder() {
        scheduler.checkInvariants();
        return true;
    }
}
