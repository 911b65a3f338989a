package dev.kvasir.scheduler.batching;

import dev.kvasir.scheduler.Scheduler.Submission;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/**
 * Where other threads leave commands for the step thread. Its monitor is held for a few map operations and never during a
 * step, so a submission is answered at once.
 *
 * <p>Bounded: at most {@code maxQueued} requests and {@link #MAX_TASKS} tasks wait, and a live request has at most one
 * submission and one cancellation in here.
 */
final class CommandInbox {
    /** Tasks that may wait for the pool: people ask for them, not programs. */
    static final int MAX_TASKS = 16;

    private final int maxQueued;
    private final Map<String, Sequence> live = new HashMap<>(); // submitted and not yet forgotten
    private List<Sequence> submitted = new ArrayList<>();
    private Map<String, Sequence> cancelled = new HashMap<>();
    private List<PoolTask<?>> tasks = new ArrayList<>();
    private int waiting; // submitted, or in the scheduler's waiting queue
    private boolean closed;

    /** What the step thread took out. */
    record Commands(List<Sequence> submitted, Collection<Sequence> cancelled, List<PoolTask<?>> tasks) {
        static final Commands NONE = new Commands(List.of(), List.of(), List.of());

        boolean isEmpty() {
            return submitted.isEmpty() && cancelled.isEmpty() && tasks.isEmpty();
        }
    }

    CommandInbox(int maxQueued) {
        this.maxQueued = maxQueued;
    }

    synchronized Submission submit(Sequence sequence) {
        String id = sequence.request.id();
        if (closed) {
            return Submission.CLOSED;
        }
        if (live.containsKey(id)) {
            throw new IllegalArgumentException("request " + id + " is live already");
        }
        if (waiting >= maxQueued) {
            return Submission.QUEUE_FULL;
        }
        live.put(id, sequence);
        submitted.add(sequence);
        waiting++;
        return Submission.ACCEPTED;
    }

    synchronized void cancel(String id) {
        Sequence sequence = live.get(id);
        if (sequence != null) {
            cancelled.put(id, sequence);
        }
    }

    /** Takes a task, or refuses it at once. */
    synchronized <T> CompletionStage<T> ask(PoolTask<T> task) {
        if (closed) {
            task.reject("the scheduler is closed");
        } else if (tasks.size() >= MAX_TASKS) {
            task.reject(MAX_TASKS + " tasks wait for the pool already");
        } else {
            tasks.add(task);
        }
        return task.answer();
    }

    /** Takes all commands. A cancelled sequence was submitted in the same batch of commands or in an earlier one. */
    synchronized Commands drain() {
        if (submitted.isEmpty() && cancelled.isEmpty() && tasks.isEmpty()) {
            return Commands.NONE;
        }
        Commands commands = new Commands(submitted, cancelled.values(), tasks);
        submitted = new ArrayList<>();
        cancelled = new HashMap<>();
        tasks = new ArrayList<>();
        return commands;
    }

    /** A waiting request runs. */
    synchronized void onAdmitted() {
        waiting--;
    }

    /** A running request waits again. It was accepted before, so the bound doesn't apply to it. */
    synchronized void onPreempted() {
        waiting++;
    }

    /** A request ended: its id is free again. */
    synchronized void onFinished(Sequence sequence, boolean wasWaiting) {
        live.remove(sequence.request.id());
        if (wasWaiting) {
            waiting--;
        }
    }

    /** Accepts nothing from here on. Returns the tasks that were waiting; requests stay to be drained. */
    synchronized List<PoolTask<?>> close() {
        closed = true;
        List<PoolTask<?>> left = tasks;
        tasks = new ArrayList<>();
        return left;
    }

    /** Returns whether a request lives or a task waits. */
    synchronized boolean hasWork() {
        return !live.isEmpty() || !tasks.isEmpty();
    }

    synchronized int waiting() {
        return waiting;
    }

    /** Checks the counts against the step thread's queues. */
    synchronized void check(int queued, int running) {
        if (waiting != queued + submitted.size() || live.size() != waiting + running) {
            throw new IllegalStateException(
                    "the inbox counts " + waiting + " waiting and " + live.size() + " live, there are "
                            + submitted.size() + " submitted, " + queued + " queued and " + running + " running");
        }
    }
}
