package dev.kvasir.engine.http;

import dev.kvasir.engine.http.DoorContext.Ready;
import dev.kvasir.engine.http.Prepared.Preparation;
import dev.kvasir.engine.openai.ApiError;
import dev.kvasir.engine.openai.JsonBody;
import dev.kvasir.engine.serving.Generation;
import dev.kvasir.engine.serving.Generation.Caller;
import dev.kvasir.engine.serving.Urgency;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.runner.Guide;
import dev.kvasir.scheduler.Scheduler.Submission;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Answers requests that generate: prepares, submits, and hands the tokens to a stream or a whole answer. */
final class GenerateHandler {
    private final Vertx vertx;
    private final Context loop;
    private final DoorContext door;
    private final Workers workers;
    private final GuideWorker guides;

    GenerateHandler(Vertx vertx, Context loop, DoorContext door, Workers workers) {
        this.vertx = vertx;
        this.loop = loop;
        this.door = door;
        this.workers = workers;
        this.guides = new GuideWorker(vertx);
    }

    /** Returns the handler of one API. */
    Routes.BodyHandler with(Preparation preparation) {
        return (exchange, body, release) -> handle(exchange, body, release, preparation);
    }

    /** Answers one request. */
    void handle(Exchange exchange, byte[] body, Runnable release, Preparation preparation) {
        handle(exchange, body, body.length, release, preparation);
    }

    /**
     * Answers one request.
     *
     * @param weight bytes that are to be read for it, its body's and maybe more
     */
    void handle(Exchange exchange, byte[] body, int weight, Runnable release, Preparation preparation) {
        Ready ready = workers.ready();
        workers.work(
                exchange,
                weight,
                () -> preparation.prepare(ready, JsonBody.parse(body)),
                release,
                prepared -> guides.compile(
                        exchange, ready, prepared.guide(), guide -> generate(exchange, ready, prepared, guide)));
    }

    private Call call(Exchange exchange, Prepared prepared) {
        if (prepared.background() != null) {
            return new BackgroundCall(vertx, loop, exchange, door.settings, prepared, prepared.background());
        }
        return prepared.stream()
                ? new StreamCall(vertx, exchange, door.settings, prepared.format())
                : new WholeCall(vertx, exchange, door.settings, prepared);
    }

    private void generate(Exchange exchange, Ready ready, Prepared prepared, @Nullable Guide guide) {
        if (guide != null) {
            prepared.format().onGuided();
        }
        Urgency urgency = prepared.options().urgency();
        if (urgency.priority() < 0 && !exchange.tenant().admin()) {
            throw ApiError.forbidden("A 'priority' below 0, which goes before others, needs an administrator's key.");
        }
        int promptTokens =
                prepared.prompts().stream().mapToInt(prompt -> prompt.length).sum();
        exchange.budget().takePrompt(promptTokens, exchange.response().headers());
        Call call = call(exchange, prepared);
        SegmentId root = door.rootFor(ready, exchange.tenant(), prepared.cacheSalt());
        Generation generation = new Generation(
                door.node,
                ready.serving(),
                new Caller(
                        prepared.id(),
                        root,
                        exchange.arrivalNanos(),
                        task -> loop.runOnContext(v -> task.run()),
                        door.settings.maxPendingTokens()),
                prepared.prompts(),
                prepared.options().withGuide(guide),
                call);
        exchange.fact("id", prepared.id());
        if (prepared.background() == null) {
            exchange.onFinished(() -> exchange.budget().takeAnswer(generation.completionTokens()));
            exchange.onGone(() -> {
                generation.cancel();
                call.abandon();
            });
        }
        Submission submission = generation.start();
        if (submission == Submission.ACCEPTED) {
            call.begin(generation);
            if (urgency.deadlineMillis() > 0) {
                expireLater(exchange, generation, urgency.deadlineMillis(), prepared.background() == null);
            }
        } else {
            exchange.budget().giveBackPrompt(promptTokens);
            exchange.fail(refusal(submission, ready));
        }
    }

    /** The deadline counts from the arrival: reading, tokenising and compiling are a part of it. */
    private void expireLater(Exchange exchange, Generation generation, int deadlineMillis, boolean isWaitedFor) {
        long passed = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - exchange.arrivalNanos());
        long timer = vertx.setTimer(Math.max(1, deadlineMillis - passed), t -> generation.expire());
        if (isWaitedFor) {
            exchange.onFinished(() -> vertx.cancelTimer(timer));
        }
    }

    /** Returns why the scheduler has taken nothing. */
    static ApiError refusal(Submission submission, Ready ready) {
        return switch (submission) {
            case ACCEPTED -> throw new IllegalArgumentException("nothing was refused");
            case QUEUE_FULL ->
                ApiError.queueFull(ready.serving().scheduler().stats().waiting());
            case CLOSED -> ApiError.unavailable("The server is shutting down.");
            case NO_NODE -> ApiError.unavailable("No node that runs requests can be reached; try again in a while.");
        };
    }
}
