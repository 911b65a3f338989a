package dev.kvasir.engine.routing;

import dev.kvasir.engine.routing.RoutedRequest.State;
import dev.kvasir.engine.routing.RoutingCounters.Count;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A front's attempts at other nodes: their numbers, and when they were heard of. Belongs to the loop. */
final class Attempts {
    private final RoutingParts parts;
    private final Map<Long, RoutedRequest> live = new HashMap<>();
    /** Who may have something of this front's, and is to hear what is wanted. */
    private Set<Integer> told = new HashSet<>();

    private long last;

    Attempts(RoutingParts parts) {
        this.parts = parts;
    }

    /** Sends a request to another node. */
    void begin(RoutedRequest request, int node) {
        request.beginAttempt(node, ++last, parts.nanoTime().getAsLong());
        live.put(request.attempt, request);
        told.add(node);
        parts.counters().add(Count.ATTEMPTS);
        parts.outgoing().send(node, new RoutingMessage.Submit(request.attempt, request.rest()));
    }

    /** Forgets a request's attempt, if it has one: what its worker still says is nobody's. */
    void end(RoutedRequest request) {
        live.remove(request.attempt);
    }

    /** Forgets it, and has its worker told. */
    void cancel(RoutedRequest request) {
        if (request.state == State.THERE) {
            live.remove(request.attempt);
            parts.outgoing().send(request.node, new RoutingMessage.Cancel(request.attempt));
        }
    }

    /** Returns whose attempt it is, having heard of it; null, and counted, if it's over. */
    @Nullable
    RoutedRequest hear(int sender, long attempt) {
        RoutedRequest request = live.get(attempt);
        if (request == null || request.node != sender) {
            parts.counters().add(Count.DROPPED_LATE);
            return null;
        }
        request.heard = true;
        request.heardNanos = parts.nanoTime().getAsLong();
        return request;
    }

    /** Takes a worker's list of what it runs, and returns whose attempts it had accepted and doesn't have. */
    List<RoutedRequest> hear(int sender, RoutingMessage.Running running) {
        Set<Long> listed = new HashSet<>();
        for (long attempt : running.attempts()) {
            listed.add(attempt);
        }
        long now = parts.nanoTime().getAsLong();
        List<RoutedRequest> missing = new ArrayList<>();
        for (RoutedRequest request : live.values()) {
            if (request.node == sender && listed.contains(request.attempt)) {
                request.heard = true;
                request.heardNanos = now;
            } else if (request.node == sender && request.accepted) {
                missing.add(request);
            }
        }
        return missing;
    }

    /** Gives all workers their time again: this process stood still, and can't have heard them. */
    void forgive(long nanos) {
        live.values().forEach(request -> request.heardNanos += nanos);
    }

    /** Returns whose attempts are lost, and why. */
    Map<RoutedRequest, Count> lost() {
        long now = parts.nanoTime().getAsLong();
        Set<Integer> peers = parts.chooser().peers();
        Map<RoutedRequest, Count> lost = new LinkedHashMap<>();
        for (RoutedRequest request : live.values()) {
            if (!peers.contains(request.node)) {
                lost.put(request, Count.FAILED_GONE);
            } else if (now - request.heardNanos > parts.timing().deadlineNanos()) {
                lost.put(request, Count.FAILED_SILENT);
            }
        }
        return lost;
    }

    /** Tells each worker which of its attempts are wanted; one that has none left hears that once. */
    void sayWanted() {
        Map<Integer, List<Long>> wanted = new HashMap<>();
        told.forEach(node -> wanted.put(node, new ArrayList<>()));
        live.values().forEach(request -> wanted.computeIfAbsent(request.node, node -> new ArrayList<>())
                .add(request.attempt));
        told = new HashSet<>();
        wanted.forEach((node, list) -> {
            if (!list.isEmpty()) {
                told.add(node);
            }
            long[] numbers = list.stream().mapToLong(Long::longValue).toArray();
            parts.outgoing().send(node, new RoutingMessage.Wanted(numbers));
        });
    }
}
