package dev.kvasir.engine.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.engine.batch.BatchRequest;
import dev.kvasir.engine.batch.Batches;
import dev.kvasir.engine.http.Access.Level;
import dev.kvasir.engine.openai.ApiError;
import dev.kvasir.engine.openai.JsonBody;
import io.vertx.core.Context;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;

/** Answers {@code /v1/batches}. */
final class BatchHandlers {
    private static final int DEFAULT_LISTED = 20;
    private static final int MOST_LISTED = 100;

    private final Context loop;
    private final DoorContext door;
    private final Workers workers;

    BatchHandlers(Context loop, DoorContext door, Workers workers) {
        this.loop = loop;
        this.door = door;
        this.workers = workers;
    }

    void addTo(Routes routes) {
        routes.get("/v1/batches", Level.CLIENT, false, this::list);
        routes.post("/v1/batches", Level.CLIENT, false, this::create);
        routes.get("/v1/batches/{batch_id}", Level.CLIENT, false, this::one);
        routes.post("/v1/batches/{batch_id}/cancel", Level.CLIENT, false, this::cancel);
    }

    private Batches batches() {
        return FileHandlers.service(door).batches();
    }

    private void list(Exchange exchange) {
        answer(
                exchange,
                () -> batches().list(exchange.tenant().id()),
                all -> Pages.of(all, exchange.request(), DEFAULT_LISTED, MOST_LISTED));
    }

    private void create(Exchange exchange, byte[] body, Runnable release) {
        workers.work(
                exchange,
                body.length,
                () -> BatchRequest.of(JsonBody.parse(body)),
                release,
                request -> answer(
                        exchange, () -> batches().create(exchange.tenant().id(), request), batch -> batch));
    }

    private void one(Exchange exchange) {
        String id = exchange.named("batch_id");
        answer(
                exchange,
                () -> batches().find(exchange.tenant().id(), id),
                batch -> batch.orElseThrow(() -> ApiError.noSuch("batch", id)));
    }

    private void cancel(Exchange exchange, byte[] body, Runnable release) {
        release.run();
        String id = exchange.named("batch_id");
        answer(exchange, () -> batches().cancel(exchange.tenant().id(), id), batch -> batch);
    }

    private interface Question<T> {
        CompletionStage<T> ask();
    }

    private <T> void answer(Exchange exchange, Question<T> question, Function<T, JsonNode> json) {
        CompletionStage<T> asked;
        try {
            asked = question.ask();
        } catch (RejectedExecutionException e) {
            throw ApiError.unavailable("The server is shutting down.");
        }
        asked.whenComplete((result, problem) -> loop.runOnContext(v -> {
            if (problem == null) {
                Workers.deliver(exchange, result, found -> exchange.json(200, json.apply(found)));
            } else {
                Throwable cause = problem instanceof CompletionException ? problem.getCause() : problem;
                Workers.fail(exchange, cause == null ? problem : cause);
            }
        }));
    }
}
