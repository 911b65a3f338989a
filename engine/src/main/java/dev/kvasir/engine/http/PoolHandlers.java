package dev.kvasir.engine.http;

import dev.kvasir.engine.openai.ApiError;
import dev.kvasir.engine.openai.EvictRequest;
import dev.kvasir.engine.openai.JsonBody;
import dev.kvasir.engine.openai.PoolFormat;
import dev.kvasir.pool.MemPool;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.TierReport;
import io.vertx.core.Context;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;

/** Answers who operates the pool. The pool belongs to the step thread: each question waits for the running step. */
final class PoolHandlers {
    private static final String TOP = "top";
    private static final int DEFAULT_TOP = 20;
    private static final int MOST_TOP = 1000;

    private final Context loop;
    private final DoorContext door;
    private final Workers workers;

    PoolHandlers(Context loop, DoorContext door, Workers workers) {
        this.loop = loop;
        this.door = door;
        this.workers = workers;
    }

    /** What the pool holds, with the {@code ?top=} prefixes that were found most often. */
    void report(Exchange exchange) {
        int top = top(exchange.request());
        ask(exchange, pool -> pool.report(top), report -> exchange.json(200, PoolFormat.report(report)));
    }

    /** Drops segments that nobody uses. */
    void evict(Exchange exchange, byte[] body, Runnable release) {
        List<Tier> tiers = workers.ready().serving().scheduler().stats().tiers().stream()
                .map(TierReport::tier)
                .toList();
        workers.work(exchange, body.length, () -> EvictRequest.of(JsonBody.parse(body), tiers), release, request -> {
            exchange.fact("tier", request.tier());
            exchange.fact("segments", request.segments());
            ask(
                    exchange,
                    pool -> pool.evict(request.tier(), request.segments()),
                    evicted -> exchange.json(200, PoolFormat.evicted(evicted)));
        });
    }

    /** Has the step thread do something to the pool, and hands the result on, on the event loop. */
    private <T> void ask(Exchange exchange, Function<MemPool, T> task, Consumer<T> then) {
        door.node
                .withPool(task)
                .whenComplete((result, problem) -> loop.runOnContext(v -> {
                    if (problem == null) {
                        Workers.deliver(exchange, result, then);
                    } else {
                        Workers.fail(exchange, explained(problem));
                    }
                }));
    }

    static Throwable explained(Throwable problem) {
        return problem instanceof RejectedExecutionException
                ? ApiError.unavailable("The pool can't be asked now: " + problem.getMessage() + ".")
                : problem;
    }

    private static int top(HttpServerRequest request) {
        Query query = Query.of(request);
        query.allow(TOP);
        return query.integer(TOP, 0, MOST_TOP, DEFAULT_TOP);
    }
}
