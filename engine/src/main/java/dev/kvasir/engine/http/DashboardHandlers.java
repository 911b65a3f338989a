package dev.kvasir.engine.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.dashboard.PoolPictures;
import dev.kvasir.engine.openai.ApiError;
import dev.kvasir.engine.openai.JsonBody;
import dev.kvasir.pool.TierSurvey;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/** What the pages of the web UI ask for. */
final class DashboardHandlers {
    static final String REQUESTS = "/v1/kvasir/requests/";
    static final String CONTENT = "/v1/kvasir/pool/content/";

    private final Vertx vertx;
    private final Context loop;
    private final DoorContext door;
    private final Workers workers;

    DashboardHandlers(Vertx vertx, Context loop, DoorContext door, Workers workers) {
        this.vertx = vertx;
        this.loop = loop;
        this.door = door;
        this.workers = workers;
    }

    /** Says who asks, so that a page knows what to show. */
    void who(Exchange exchange) {
        exchange.json(
                200,
                JsonNodeFactory.instance
                        .objectNode()
                        .put("tenant", exchange.tenant().shown())
                        .put("admin", exchange.tenant().admin()));
    }

    /** The feed, as server-sent events; for administrators it has everything. */
    void feed(Exchange exchange) {
        SseStream stream = new SseStream(
                vertx,
                exchange.response(),
                door.settings.keepAliveSeconds(),
                door.settings.stallSeconds(),
                exchange::drop);
        exchange.response().setWriteQueueMaxSize(door.settings.sendBufferBytes());
        stream.open();
        FeedReader reader = new FeedReader(
                stream, () -> door.dashboard.whole(exchange.tenant().admin()));
        Runnable leave = door.dashboard.follow(
                exchange.tenant().admin(),
                exchange.request().getHeader("last-event-id"),
                event -> loop.runOnContext(v -> reader.take(event)),
                () -> loop.runOnContext(v -> stream.end()));
        exchange.onGone(() -> {
            leave.run();
            stream.close();
        });
    }

    /** One feed's reader. One that takes nothing for a while misses events, and gets all of it when it reads again. */
    private static final class FeedReader {
        private final SseStream stream;
        private final Supplier<byte[]> whole;
        private boolean behind;

        FeedReader(SseStream stream, Supplier<byte[]> whole) {
            this.stream = stream;
            this.whole = whole;
        }

        void take(byte[] event) {
            if (behind) {
                return;
            }
            stream.bytes(Buffer.buffer(event));
            if (stream.isFull()) {
                behind = true;
                stream.onDrained(() -> {
                    behind = false;
                    take(whole.get());
                });
            }
        }
    }

    /** Everything about one request. */
    void trace(Exchange exchange) {
        String id = Routes.below(REQUESTS, exchange.request().path());
        ObjectNode trace = door.dashboard
                .traces()
                .json(id)
                .orElseThrow(() -> ApiError.notFound("GET", REQUESTS + "ID, of one that is among the last ones"));
        exchange.json(200, trace);
    }

    /** Every setting with who says so; no secret. */
    void settings(Exchange exchange) {
        exchange.json(200, door.dashboard.settings());
    }

    /** Every slot of the pool, to be drawn. */
    void slots(Exchange exchange) {
        PoolPictures pictures = door.dashboard.pictures();
        draw(exchange, pictures::slots, bytes -> exchange.send(200, "application/octet-stream", Buffer.buffer(bytes)));
    }

    /** The prefixes that the pool holds, as a tree of aliases. */
    void tree(Exchange exchange) {
        PoolPictures pictures = door.dashboard.pictures();
        draw(exchange, pictures::tree, tree -> exchange.json(200, tree));
    }

    /** Surveys the pool and has a worker draw it. */
    private <T> void draw(Exchange exchange, Function<List<TierSurvey>, T> drawing, Consumer<T> then) {
        door.dashboard
                .pictures()
                .survey()
                .whenComplete((survey, problem) -> loop.runOnContext(v -> {
                    if (problem != null) {
                        Workers.fail(exchange, PoolHandlers.explained(problem));
                        return;
                    }
                    loop.executeBlocking(() -> drawing.apply(survey), false).onComplete(done -> {
                        if (done.succeeded()) {
                            Workers.deliver(exchange, done.result(), then);
                        } else {
                            Workers.fail(exchange, done.cause());
                        }
                    });
                }));
    }

    /** What the last segment of a run says. */
    void content(Exchange exchange) {
        String alias = Routes.below(CONTENT, exchange.request().path());
        door.dashboard
                .pictures()
                .content(alias)
                .whenComplete((found, problem) -> loop.runOnContext(v -> {
                    if (problem != null) {
                        Workers.fail(exchange, PoolHandlers.explained(problem));
                    } else {
                        Workers.deliver(
                                exchange,
                                found,
                                text -> exchange.json(
                                        200,
                                        text.orElseThrow(
                                                () -> ApiError.notFound("GET", CONTENT + "ID, of one that is held"))));
                    }
                }));
    }

    /** Ends a request, as if its client had left. */
    void cancel(Exchange exchange, byte[] body, Runnable release) {
        workers.work(
                exchange, body.length, () -> JsonBody.parse(body).path("id").asText(""), release, id -> {
                    if (id.isEmpty()) {
                        throw ApiError.badField("id", "'id' must name a request.");
                    }
                    door.node.cancel(id);
                    exchange.json(202, JsonNodeFactory.instance.objectNode().put("id", id));
                });
    }
}
