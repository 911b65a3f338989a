package dev.kvasir.engine.routing;

import dev.kvasir.engine.routing.RoutingCounters.Count;
import dev.kvasir.engine.routing.RoutingMessage.Refusal;
import dev.kvasir.runner.Guide;
import dev.kvasir.scheduler.GenerationRequest;
import dev.kvasir.scheduler.Scheduler.Submission;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Runs requests of other nodes on this one's scheduler. Belongs to the loop. */
final class Worker {
    private final RoutingParts parts;
    private final Map<Integer, Guest> guests = new HashMap<>(); // fronts with requests here, by number
    private long lastTickNanos;
    private long lastToldNanos;

    /** Another node with requests here. */
    private static final class Guest {
        final Map<Long, WorkerRun> runs = new HashMap<>(); // by attempt
        long heardNanos;
    }

    Worker(RoutingParts parts) {
        this.parts = parts;
        lastTickNanos = parts.nanoTime().getAsLong();
        lastToldNanos = lastTickNanos;
    }

    /** Returns how many requests of others are here. */
    int runs() {
        return guests.values().stream().mapToInt(guest -> guest.runs.size()).sum();
    }

    void onMessage(int front, RoutingMessage message) {
        Guest known = guests.get(front);
        if (known != null) {
            known.heardNanos = parts.nanoTime().getAsLong();
        }
        if (message instanceof RoutingMessage.Submit submit) {
            onSubmit(front, submit);
        } else if (message instanceof RoutingMessage.Cancel cancel && known != null) {
            WorkerRun run = known.runs.get(cancel.attempt());
            if (run != null) {
                cancel(run);
            }
        } else if (message instanceof RoutingMessage.Wanted wanted && known != null) {
            Set<Long> listed = new HashSet<>();
            for (long attempt : wanted.attempts()) {
                listed.add(attempt);
            }
            known.runs.values().stream()
                    .filter(run -> !listed.contains(run.attempt()))
                    .forEach(this::cancel);
        }
    }

    private void onSubmit(int front, RoutingMessage.Submit submit) {
        long attempt = submit.attempt();
        if (!parts.chooser().isOpen()) {
            refuse(front, attempt, Refusal.LEAVING);
            return;
        }
        WorkerRun run = new WorkerRun(front, attempt, parts, this::forget);
        Guide guide = submit.request().guide();
        if (guide == null) {
            submit(run, submit.request());
            return;
        }
        // It's here from now on, so that it can be cancelled; it's accepted when it is in the queue.
        guest(front).runs.put(attempt, run);
        parts.guides().load(guide.spec(), compiled -> {
            if (run.isAbandoned()) {
                forget(run);
            } else if (compiled == null) {
                forget(run);
                refuse(front, attempt, Refusal.LEAVING);
            } else {
                submit(run, submit.request().withGuide(compiled));
            }
        });
    }

    private Guest guest(int front) {
        Guest guest = guests.computeIfAbsent(front, number -> new Guest());
        guest.heardNanos = parts.nanoTime().getAsLong();
        return guest;
    }

    private void submit(WorkerRun run, GenerationRequest request) {
        int front = run.front();
        long attempt = run.attempt();
        long now = parts.nanoTime().getAsLong();
        Submission submission;
        try {
            submission = parts.local().submit(request.as(run.id(), now), run);
        } catch (IllegalArgumentException e) {
            forget(run);
            refuse(front, attempt, Refusal.TOO_LONG);
            return;
        }
        if (submission == Submission.ACCEPTED) {
            guest(front).runs.put(attempt, run);
            parts.counters().add(Count.SERVED);
            parts.outgoing().send(front, new RoutingMessage.Accepted(attempt));
            parts.wake().run();
        } else {
            forget(run);
            refuse(front, attempt, submission == Submission.QUEUE_FULL ? Refusal.QUEUE_FULL : Refusal.LEAVING);
        }
    }

    private void refuse(int front, long attempt, Refusal why) {
        parts.outgoing().send(front, new RoutingMessage.Refused(attempt, why));
    }

    private void cancel(WorkerRun run) {
        run.abandon();
        parts.local().cancel(run.id());
        parts.wake().run();
    }

    private void forget(WorkerRun run) {
        Guest guest = guests.get(run.front());
        if (guest != null) {
            guest.runs.remove(run.attempt());
            if (guest.runs.isEmpty()) {
                guests.remove(run.front());
            }
        }
    }

    /** Looks after what time has brought about; to be called several times in {@code aliveMillis}. */
    void tick() {
        long now = parts.nanoTime().getAsLong();
        long slept = now - lastTickNanos;
        lastTickNanos = now;
        if (slept > parts.timing().deadlineNanos() / 2) {
            guests.values().forEach(guest -> guest.heardNanos += slept); // this process stood still
        }
        Set<Integer> peers = parts.chooser().peers();
        guests.forEach((front, guest) -> {
            if (!peers.contains(front)
                    || now - guest.heardNanos > parts.timing().deadlineNanos()) {
                dropOrphans(guest);
            }
        });
        if (now - lastToldNanos >= parts.timing().aliveNanos()) {
            lastToldNanos = now;
            guests.forEach((front, guest) -> parts.outgoing()
                    .send(
                            front,
                            new RoutingMessage.Running(guest.runs.keySet().stream()
                                    .mapToLong(Long::longValue)
                                    .toArray())));
        }
    }

    private void dropOrphans(Guest guest) {
        for (WorkerRun run : List.copyOf(guest.runs.values())) {
            if (!run.isAbandoned()) {
                parts.counters().add(Count.ORPHANS);
                cancel(run);
            }
        }
    }
}
