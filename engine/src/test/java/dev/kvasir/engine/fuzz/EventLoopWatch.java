package dev.kvasir.engine.fuzz;

import io.vertx.core.impl.VertxThread;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Finds what keeps an event loop busy for too long. It looks at what Vert.x' own checker of blocked threads looks at, the moment since when a thread has been
 * in one handler, but every few milliseconds and with another measure: the processor time that the thread has had in it. On a machine that others use as well, a
 * thread may be in a handler for as long as the kernel likes without doing anything wrong. What waits instead of computing is found by the thread's state: not runnable in
 * two looks in a row, a good while after the handler began.
 */
public final class EventLoopWatch implements AutoCloseable {
    private static final long LOOK_NANOS = 4_000_000;
    /** In one handler for so long, and then waiting in two looks in a row: blocked. */
    private static final long WAITING_NANOS = 250_000_000;

    private final ThreadMXBean times = ManagementFactory.getThreadMXBean();
    private final long limitNanos;
    private final List<String> found = Collections.synchronizedList(new ArrayList<>());
    private final Thread watcher;
    private volatile boolean closed;
    private volatile long longestNanos;

    /** A handler that a thread is in. */
    private static final class Run {
        final long since;
        final long cpuNanos; // of the thread, at the first look
        boolean waited;
        boolean told;

        Run(long since, long cpuNanos) {
            this.since = since;
            this.cpuNanos = cpuNanos;
        }
    }

    /** Begins to watch all event loops of this process; those that start later are found within a quarter of a second. */
    public EventLoopWatch(long limitMillis) {
        limitNanos = TimeUnit.MILLISECONDS.toNanos(limitMillis);
        watcher = new Thread(this::watch, "event-loop-watch");
        watcher.setDaemon(true);
        watcher.start();
    }

    private void watch() {
        Map<VertxThread, Run> runs = new HashMap<>();
        List<VertxThread> loops = List.of();
        for (int look = 0; !closed; look++) {
            if (look % 64 == 0) {
                loops = eventLoops();
                runs.keySet().retainAll(loops);
            }
            for (VertxThread loop : loops) {
                look(loop, runs);
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    private static List<VertxThread> eventLoops() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread ->
                        thread instanceof VertxThread && thread.getName().contains("eventloop"))
                .map(thread -> (VertxThread) thread)
                .toList();
    }

    private void look(VertxThread loop, Map<VertxThread, Run> runs) {
        long since = loop.startTime();
        if (since == 0) {
            runs.remove(loop);
            return;
        }
        Run run = runs.get(loop);
        long cpu = times.getThreadCpuTime(loop.getId());
        if (run == null || run.since != since) {
            runs.put(loop, new Run(since, cpu));
            return;
        }
        long used = cpu - run.cpuNanos;
        longestNanos = Math.max(longestNanos, used);
        boolean waits = loop.getState() != Thread.State.RUNNABLE;
        boolean isBlocked = waits && run.waited && System.nanoTime() - since > WAITING_NANOS;
        run.waited = waits;
        if (!run.told && (used > limitNanos || isBlocked)) {
            StackTraceElement[] stack = loop.getStackTrace();
            if (loop.startTime() == since) { // else it's the stack of something else
                run.told = true;
                found.add(loop.getName() + (isBlocked ? " waits" : " has computed for " + used / 1_000_000 + " ms")
                        + " in one handler:\n\tat " + shown(stack));
            }
        }
    }

    private static String shown(StackTraceElement[] stack) {
        List<String> lines = new ArrayList<>();
        for (StackTraceElement element : stack) {
            lines.add(element.toString());
        }
        return String.join("\n\tat ", lines.subList(0, Math.min(lines.size(), 40)));
    }

    /** Returns what was found. */
    public List<String> found() {
        return List.copyOf(found);
    }

    /** Returns the most processor time of one handler, as far as looks have met it. */
    public long longestMillis() {
        return TimeUnit.NANOSECONDS.toMillis(longestNanos);
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        watcher.join();
    }
}
