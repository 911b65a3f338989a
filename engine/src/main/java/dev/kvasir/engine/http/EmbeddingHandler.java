package dev.kvasir.engine.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.http.DoorContext.Ready;
import dev.kvasir.engine.openai.CompletionRequest.Prompt;
import dev.kvasir.engine.openai.EmbeddingFormat;
import dev.kvasir.engine.openai.EmbeddingRequest;
import dev.kvasir.engine.openai.JsonBody;
import dev.kvasir.engine.openai.PromptEncoder;
import dev.kvasir.engine.serving.Embedding;
import dev.kvasir.engine.serving.Generation.Caller;
import dev.kvasir.engine.serving.Generation.Failure;
import dev.kvasir.engine.serving.ServedModel;
import dev.kvasir.engine.serving.Urgency;
import dev.kvasir.engine.serving.Usage;
import dev.kvasir.runner.Pooling;
import dev.kvasir.scheduler.Scheduler.Submission;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Answers {@code POST /v1/embeddings}. */
final class EmbeddingHandler {
    /** Answers of up to so many numbers take a millisecond or so to write. */
    private static final int AT_ONCE_NUMBERS = 8 * 1024;

    private final Vertx vertx;
    private final Context loop;
    private final DoorContext door;
    private final Workers workers;

    /** A request that is checked, tokenised and known to fit. */
    record Inputs(EmbeddingRequest request, List<int[]> prompts, Pooling pooling) {}

    EmbeddingHandler(Vertx vertx, Context loop, DoorContext door, Workers workers) {
        this.vertx = vertx;
        this.loop = loop;
        this.door = door;
        this.workers = workers;
    }

    void embed(Exchange exchange, byte[] body, Runnable release) {
        Ready ready = workers.ready();
        workers.work(
                exchange,
                body.length,
                () -> inputs(ready, JsonBody.parse(body)),
                release,
                inputs -> embed(exchange, ready, inputs));
    }

    /** Checks and tokenises; on whatever thread. */
    static Inputs inputs(Ready ready, ObjectNode body) {
        ServedModel model = ready.serving().model();
        PromptEncoder encoder = ready.encoder();
        EmbeddingRequest request = EmbeddingRequest.of(
                body, Prepared.vocab(model), model.facts().config().hidden());
        Prepared.checkModel(model, request.model());
        List<int[]> prompts = new ArrayList<>();
        for (Prompt input : request.inputs()) {
            String path = request.inputs().size() == 1 ? "input" : "input[" + prompts.size() + "]";
            int[] ids =
                    input instanceof Prompt.Text text ? encoder.encode(path, text.text(), true) : encoder.encode(input);
            encoder.checkFitsAlone(path, ids.length);
            prompts.add(ids);
        }
        return new Inputs(request, prompts, Objects.requireNonNullElse(request.pooling(), model.pooling()));
    }

    private void embed(Exchange exchange, Ready ready, Inputs inputs) {
        int tokens = inputs.prompts().stream().mapToInt(prompt -> prompt.length).sum();
        exchange.budget().takePrompt(tokens, exchange.response().headers());
        Embedding embedding = new Embedding(
                door.node,
                ready.serving(),
                new Caller(
                        Ids.of("embd-"),
                        door.rootFor(ready, exchange.tenant(), inputs.request().cacheSalt()),
                        exchange.arrivalNanos(),
                        task -> loop.runOnContext(v -> task.run()),
                        door.settings.maxPendingTokens()),
                inputs.prompts(),
                inputs.pooling(),
                Urgency.NORMAL.priority(),
                new Embedding.Listener() {
                    @Override
                    public void onEnd(List<float[]> embeddings, Usage usage) {
                        answer(exchange, inputs.request(), embeddings, usage);
                    }

                    @Override
                    public void onFailure(Failure failure) {
                        exchange.fail(Call.error(failure));
                    }
                });
        exchange.onGone(embedding::cancel);
        Submission submission = embedding.start();
        if (submission != Submission.ACCEPTED) {
            exchange.fail(GenerateHandler.refusal(submission, ready));
        }
    }

    private void answer(Exchange exchange, EmbeddingRequest request, List<float[]> embeddings, Usage usage) {
        exchange.fact("prompt_tokens", usage.promptTokens());
        exchange.fact("cached_tokens", usage.cachedTokens().total());
        exchange.fact("inputs", embeddings.size());
        if (embeddings.size() * request.dimensions() <= AT_ONCE_NUMBERS) {
            send(exchange, EmbeddingFormat.bytes(request, embeddings, usage));
            return;
        }
        loop.executeBlocking(() -> EmbeddingFormat.bytes(request, embeddings, usage), false)
                .onComplete(done -> {
                    if (done.succeeded()) {
                        send(exchange, done.result());
                    } else {
                        Workers.fail(exchange, done.cause());
                    }
                });
    }

    private void send(Exchange exchange, byte[] body) {
        exchange.dropUnlessTaken(
                vertx, exchange.send(200, "application/json", Buffer.buffer(body)), door.settings.stallSeconds());
    }
}
