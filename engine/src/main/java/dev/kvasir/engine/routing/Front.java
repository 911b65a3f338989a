package dev.kvasir.engine.routing;

import dev.kvasir.engine.routing.RoutedRequest.State;
import dev.kvasir.engine.routing.RoutingCounters.Count;
import dev.kvasir.scheduler.FinishReason;
import dev.kvasir.scheduler.GenerationRequest;
import dev.kvasir.scheduler.RouteRequest;
import dev.kvasir.scheduler.Scheduler.Submission;
import dev.kvasir.scheduler.TokenSink;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Places requests, takes what their workers say, and places them once more if these are lost. Belongs to the loop, but for what says otherwise. */
final class Front {
    /*
     * An attempt ends by its worker's word, or is lost: the worker is no node any more, nothing was heard of the attempt for too long, or the worker's list
     * of what it runs, which arrives behind all that the worker said before, doesn't have it. A lost attempt's number is forgotten, so whatever a worker
     * that thaws still says of it is nobody's. An attempt of which its worker never said anything is no failure of the request's: the worker may be cut off, or
     * this node. Its search for a worker goes on. The request goes on behind the tokens that its client has; tokens are functions of seed and
     * position, so nobody can tell.
     *
     * Messages arrive in order or not at all, and each says how many tokens went before: a gap loses the attempt.
     */
    private static final Logger log = LoggerFactory.getLogger(Front.class);
    /** Handed back, refused and failed: only a broken cluster comes near. */
    private static final int MOST_PLACEMENTS = 1000;

    private final RoutingParts parts;
    private final int maxPlacing;
    private final Set<String> ids = ConcurrentHashMap.newKeySet(); // of all that live
    private final AtomicInteger placing = new AtomicInteger();
    private final Map<String, RoutedRequest> requests = new HashMap<>();
    private final Attempts attempts;
    private long lastTickNanos;
    private long lastToldNanos;
    private volatile boolean closed;

    /**
     * Creates it.
     *
     * @param maxPlacing so many requests may look for a worker at once
     */
    Front(RoutingParts parts, int maxPlacing) {
        this.parts = parts;
        this.maxPlacing = maxPlacing;
        attempts = new Attempts(parts);
        lastTickNanos = parts.nanoTime().getAsLong();
        lastToldNanos = lastTickNanos;
    }

    /** Takes a request. Thread-safe. */
    Submission submit(GenerationRequest request, TokenSink sink) {
        if (closed) {
            return Submission.CLOSED;
        }
        if (!parts.chooser().isAnyOpen()) {
            return Submission.NO_NODE;
        }
        if (placing.get() >= maxPlacing) {
            return Submission.QUEUE_FULL;
        }
        if (!ids.add(request.id())) {
            throw new IllegalArgumentException("request " + request.id() + " is live already");
        }
        RoutedRequest routed = new RoutedRequest(request, sink);
        count(routed);
        parts.loop().execute(() -> {
            requests.put(request.id(), routed);
            place(routed);
        });
        return Submission.ACCEPTED;
    }

    /** Ends a request; unknown ids are ignored. Thread-safe. */
    void cancel(String id) {
        parts.loop().execute(() -> {
            RoutedRequest request = requests.get(id);
            if (request != null) {
                cancel(request);
            }
        });
    }

    private void cancel(RoutedRequest request) {
        if (request.state == State.HERE) {
            parts.local().cancel(request.request.id());
            parts.wake().run();
        } else {
            attempts.cancel(request);
            end(request, FinishReason.CANCELLED);
        }
    }

    /** Returns how many requests look for a worker. Thread-safe. */
    int placing() {
        return placing.get();
    }

    /** Returns how many requests live. Thread-safe. */
    int live() {
        return ids.size();
    }

    /** Ends all that isn't here and takes nothing more. Thread-safe. */
    void close() {
        closed = true;
        parts.loop().execute(() -> List.copyOf(requests.values()).stream()
                .filter(request -> request.state != State.HERE)
                .forEach(this::cancel));
    }

    // ---- placing

    private void place(RoutedRequest request) {
        if (request.isComplete()) {
            end(request, FinishReason.LENGTH);
            return;
        }
        if (closed) {
            end(request, FinishReason.CANCELLED);
            return;
        }
        if (request.state != State.PLACING || request.turn == 0) {
            request.placingSinceNanos = parts.nanoTime().getAsLong();
        }
        request.state = State.PLACING;
        request.isRetrying = false;
        count(request);
        int turn = ++request.turn;
        RouteRequest route =
                new RouteRequest(request.request.cacheRoot(), request.rest().prompt());
        CompletableFuture<Void> unused = parts.chooser()
                .locate(route)
                .thenAcceptAsync(
                        tokens -> {
                            if (request.state == State.PLACING && request.turn == turn) {
                                choose(request, route, tokens);
                            }
                        },
                        parts.loop())
                .exceptionally(e -> broke(request, e));
    }

    /** A policy or the cluster's view threw: the request must not hang for that. */
    private @Nullable Void broke(RoutedRequest request, Throwable problem) {
        log.error("a request couldn't be placed", problem);
        if (request.state != State.ENDED) {
            giveUp(request, "couldn't be placed");
        }
        return null;
    }

    private void choose(RoutedRequest request, RouteRequest route, Map<Integer, Integer> tokens) {
        OptionalInt chosen = parts.chooser().choose(route, request.tried, tokens);
        if (chosen.isEmpty()) {
            retryLater(request);
        } else if (request.placements++ == MOST_PLACEMENTS) {
            giveUp(request, "was sent " + MOST_PLACEMENTS + " times");
        } else if (chosen.getAsInt() == parts.self()) {
            runHere(request);
        } else {
            send(request, chosen.getAsInt());
        }
    }

    /** Nobody takes it now: in a moment they may. */
    private void retryLater(RoutedRequest request) {
        if (isOutOfPatience(request)) {
            giveUp(request, "found no node that takes it");
            return;
        }
        request.tried.clear();
        request.isRetrying = true;
        request.retryNanos = parts.nanoTime().getAsLong() + parts.timing().aliveNanos() / 2;
    }

    private boolean isOutOfPatience(RoutedRequest request) {
        return parts.nanoTime().getAsLong() - request.placingSinceNanos
                > parts.timing().placeNanos();
    }

    private void runHere(RoutedRequest request) {
        Submission submission;
        try {
            submission = parts.local()
                    .submit(request.rest(), request.sinkHere(() -> parts.loop().execute(() -> forget(request))));
        } catch (IllegalArgumentException e) {
            onTooLong(request);
            return;
        }
        if (submission == Submission.ACCEPTED) {
            request.state = State.HERE;
            onPlaced(request, Count.ROUTED_HERE);
            uncount(request);
            parts.wake().run();
        } else {
            request.tried.add(parts.self());
            place(request);
        }
    }

    private void send(RoutedRequest request, int node) {
        onPlaced(request, Count.ROUTED_AWAY);
        attempts.begin(request, node);
    }

    private void onPlaced(RoutedRequest request, Count where) {
        if (request.placements == 1) {
            parts.counters().add(where);
        } else if (request.hasTokens()) {
            parts.counters().add(Count.RESUMES);
        }
    }

    private void onTooLong(RoutedRequest request) {
        if (request.hasTokens()) {
            end(request, FinishReason.LENGTH); // so long as the nodes that are left can
        } else {
            giveUp(request, "is longer than its node can hold");
        }
    }

    // ---- what workers say

    void onMessage(int sender, RoutingMessage message) {
        if (message instanceof RoutingMessage.Running running) {
            attempts.hear(sender, running).forEach(request -> fail(request, Count.FAILED_LOST));
        } else if (message instanceof RoutingMessage.Accepted accepted) {
            RoutedRequest request = attempts.hear(sender, accepted.attempt());
            if (request != null) {
                request.accepted = true;
                uncount(request);
            }
        } else if (message instanceof RoutingMessage.Refused refused) {
            RoutedRequest request = attempts.hear(sender, refused.attempt());
            if (request != null) {
                onRefused(request, refused.why());
            }
        } else if (message instanceof RoutingMessage.PromptLogprobs part) {
            RoutedRequest request = attempts.hear(sender, part.attempt());
            if (request != null && !request.onPromptLogprobs(part)) {
                fail(request, Count.FAILED_LOST);
            }
        } else if (message instanceof RoutingMessage.Prefilled prefilled) {
            RoutedRequest request = attempts.hear(sender, prefilled.attempt());
            if (request != null && !request.onPrefilled(prefilled)) {
                fail(request, Count.FAILED_LOST);
            }
        } else if (message instanceof RoutingMessage.Tokens tokens) {
            onTokens(attempts.hear(sender, tokens.attempt()), tokens);
        } else if (message instanceof RoutingMessage.Embedding embedding) {
            RoutedRequest request = attempts.hear(sender, embedding.attempt());
            if (request != null && !request.onEmbedding(embedding.values())) {
                fail(request, Count.FAILED_LOST);
            }
        } else if (message instanceof RoutingMessage.Finished finished) {
            onFinished(attempts.hear(sender, finished.attempt()), finished);
        }
    }

    private void onTokens(@Nullable RoutedRequest request, RoutingMessage.Tokens tokens) {
        if (request == null) {
            return;
        }
        if (request.onTokens(tokens, parts.nanoTime().getAsLong())) {
            parts.counters().add(Count.RELAYED_TOKENS, tokens.tokens().length);
        } else {
            fail(request, Count.FAILED_LOST);
        }
    }

    private void onRefused(RoutedRequest request, RoutingMessage.Refusal why) {
        parts.counters().add(Count.REFUSED);
        attempts.end(request);
        if (why == RoutingMessage.Refusal.TOO_LONG) {
            onTooLong(request);
        } else {
            request.tried.add(request.node);
            // Its search goes on, with the same patience.
            request.state = State.PLACING;
            place(request);
        }
    }

    private void onFinished(@Nullable RoutedRequest request, RoutingMessage.Finished finished) {
        if (request == null) {
            return;
        }
        if (!request.onFinished(finished)) {
            fail(request, Count.FAILED_LOST);
            return;
        }
        switch (finished.ending()) {
            case STOP -> end(request, FinishReason.STOP);
            case LENGTH -> end(request, FinishReason.LENGTH);
            case ERROR -> end(request, FinishReason.ERROR);
            case HANDED_BACK -> {
                parts.counters().add(Count.HANDED_BACK);
                attempts.end(request);
                request.tried.clear();
                request.tried.add(request.node);
                place(request);
            }
        }
    }

    // ---- losing workers

    private void fail(RoutedRequest request, Count reason) {
        parts.counters().add(reason);
        log.atInfo()
                .addKeyValue("request", request.request.id())
                .addKeyValue("node", request.node)
                .addKeyValue("failures", request.failures)
                .addKeyValue("reason", reason)
                .log("an attempt failed");
        attempts.cancel(request);
        if (request.heard) {
            request.failures++;
        } else if (request.state == State.THERE) {
            request.state = State.PLACING; // nobody had it: its search goes on, with the same patience
        }
        if (request.failures >= parts.timing().attempts() && !request.isComplete()) {
            giveUp(request, "failed at " + request.failures + " nodes");
            return;
        }
        if (!request.heard && isOutOfPatience(request)) {
            giveUp(request, "found no node that answers");
            return;
        }
        request.tried.clear();
        request.tried.add(request.node);
        place(request);
    }

    private void giveUp(RoutedRequest request, String why) {
        parts.counters().add(Count.GIVEN_UP);
        log.warn("request {} {}", request.request.id(), why);
        end(request, FinishReason.ERROR);
    }

    private void end(RoutedRequest request, FinishReason reason) {
        attempts.end(request);
        forget(request);
        request.end(reason, parts.nanoTime().getAsLong());
    }

    private void forget(RoutedRequest request) {
        request.state = State.ENDED;
        uncount(request);
        requests.remove(request.request.id());
        ids.remove(request.request.id());
    }

    private void count(RoutedRequest request) {
        if (!request.isCounted) {
            request.isCounted = true;
            placing.incrementAndGet();
        }
    }

    private void uncount(RoutedRequest request) {
        if (request.isCounted) {
            request.isCounted = false;
            placing.decrementAndGet();
        }
    }

    // ---- time

    /** Looks after what time has brought about; to be called several times in {@code aliveMillis}. */
    void tick() {
        long now = parts.nanoTime().getAsLong();
        long slept = now - lastTickNanos;
        lastTickNanos = now;
        if (slept > parts.timing().deadlineNanos() / 2) {
            attempts.forgive(slept);
        }
        attempts.lost().forEach(this::fail);
        for (RoutedRequest request : List.copyOf(requests.values())) {
            if (request.state == State.PLACING && request.isRetrying && now - request.retryNanos >= 0) {
                place(request);
            }
        }
        if (now - lastToldNanos >= parts.timing().aliveNanos()) {
            lastToldNanos = now;
            attempts.sayWanted();
        }
    }
}
