package dev.kvasir.engine.http;

import dev.kvasir.engine.openai.AnswerFormat.Event;
import dev.kvasir.engine.openai.JsonBody;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.concurrent.TimeUnit;

/**
 * Server-sent events on one response: keeps the connection alive in silence, and notices a reader that takes nothing. Confined to
 * its event loop.
 */
final class SseStream {
    private static final Buffer KEEP_ALIVE = Buffer.buffer(": keep-alive\n\n");
    private static final Buffer DONE = Buffer.buffer("data: [DONE]\n\n");
    private static final byte[] PREFIX = {'d', 'a', 't', 'a', ':', ' '};
    private static final byte[] SUFFIX = {'\n', '\n'};
    private static final long TICK_MILLIS = 250;

    private final Vertx vertx;
    private final HttpServerResponse response;
    private final long keepAliveNanos;
    private final long stallNanos;
    private final Runnable onStall;
    private long timer;
    private long lastWriteNanos;
    private long fullSinceNanos;
    private boolean full;
    private boolean over;

    /**
     * Creates a stream; {@link #open} sends its head.
     *
     * @param onStall told once when the reader has taken nothing for {@code stallSeconds}
     */
    SseStream(Vertx vertx, HttpServerResponse response, int keepAliveSeconds, int stallSeconds, Runnable onStall) {
        this.vertx = vertx;
        this.response = response;
        this.keepAliveNanos = TimeUnit.SECONDS.toNanos(keepAliveSeconds);
        this.stallNanos = TimeUnit.SECONDS.toNanos(stallSeconds);
        this.onStall = onStall;
    }

    void open() {
        response.setStatusCode(200)
                .setChunked(true)
                .putHeader("content-type", "text/event-stream; charset=utf-8")
                .putHeader("cache-control", "no-cache")
                .putHeader("x-accel-buffering", "no")
                .putHeader("x-content-type-options", "nosniff");
        response.writeHead();
        lastWriteNanos = System.nanoTime();
        timer = vertx.setPeriodic(TICK_MILLIS, t -> tick());
    }

    /** Sends an event; what comes when the reader is slow waits in memory, see {@link #isFull}. */
    void event(Event event) {
        byte[] json = JsonBody.bytes(event.data()); // JSON has no bare line break
        String name = event.name() == null ? "" : "event: " + event.name() + "\n";
        write(Buffer.buffer(name.length() + PREFIX.length + json.length + SUFFIX.length)
                .appendString(name)
                .appendBytes(PREFIX)
                .appendBytes(json)
                .appendBytes(SUFFIX));
    }

    /** Sends events that are written already. */
    void bytes(Buffer events) {
        write(events);
    }

    /** Sends the event that ends a whole answer, and ends the response; the future is done when the reader has it all. */
    Future<Void> done() {
        write(DONE);
        return end();
    }

    /** Ends the response. */
    Future<Void> end() {
        if (over) {
            return Future.succeededFuture();
        }
        close();
        return response.end();
    }

    /** Writes no more: the client has left. */
    void close() {
        over = true;
        vertx.cancelTimer(timer);
    }

    /** Returns whether the reader should be waited for. */
    boolean isFull() {
        return !over && response.writeQueueFull();
    }

    /** Has {@code action} run once the reader has caught up. */
    void onDrained(Runnable action) {
        full = true;
        fullSinceNanos = System.nanoTime();
        response.drainHandler(v -> {
            full = false;
            if (!over) {
                action.run();
            }
        });
    }

    private void write(Buffer buffer) {
        if (!over) {
            lastWriteNanos = System.nanoTime();
            response.write(buffer);
        }
    }

    private void tick() {
        long now = System.nanoTime();
        if (full) {
            if (now - fullSinceNanos >= stallNanos) {
                close();
                onStall.run();
            }
        } else if (now - lastWriteNanos >= keepAliveNanos) {
            write(KEEP_ALIVE);
        }
    }
}
