package dev.kvasir.engine.http;

import dev.kvasir.engine.openai.ApiError;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads one request body, refusing it as soon as it is known to be too long: by its Content-Length, or while it comes in. Must
 * be started in the same turn in which the request came.
 */
final class BodyReader {
    /** A refused body is read on for so long, so that the client gets to see the answer before the connection closes. */
    private static final long LINGER_MILLIS = 2000;

    private final Vertx vertx;
    private final Exchange exchange;
    private final BodyBudget budget;
    private final int maxBytes;
    private final int timeoutSeconds;
    private final Consumer<byte[]> onBody;
    private final Buffer body = Buffer.buffer();
    private long timer;
    private boolean refused;
    private boolean released;

    /**
     * Creates a reader.
     *
     * @param budget the body's bytes are taken from it, and given back by {@link #release}
     * @param onBody gets the whole body; not called if it was refused or the client left
     */
    BodyReader(
            Vertx vertx,
            Exchange exchange,
            BodyBudget budget,
            int maxBytes,
            int timeoutSeconds,
            Consumer<byte[]> onBody) {
        this.vertx = vertx;
        this.exchange = exchange;
        this.budget = budget;
        this.maxBytes = maxBytes;
        this.timeoutSeconds = timeoutSeconds;
        this.onBody = onBody;
    }

    void start() {
        HttpServerRequest request = exchange.request();
        request.handler(this::onChunk);
        request.endHandler(v -> onEnd());
        exchange.onGone(this::onGone);
        timer = vertx.setTimer(timeoutSeconds * 1000L, t -> refuse(ApiError.timeout(timeoutSeconds)));
        if (declaredLength(request) > maxBytes) {
            refuse(ApiError.bodyTooLarge(maxBytes));
        } else if ("100-continue".equalsIgnoreCase(request.getHeader("expect"))) {
            exchange.response().writeContinue();
        }
    }

    /** Answers with an error; a body that ends soon is dropped, for one that doesn't the connection is closed. */
    void discard(ApiError error) {
        refused = true;
        long linger = vertx.setTimer(LINGER_MILLIS, t -> exchange.drop());
        exchange.request().handler(chunk -> {});
        exchange.request().endHandler(v -> vertx.cancelTimer(linger));
        exchange.onGone(() -> vertx.cancelTimer(linger));
        exchange.fail(error);
    }

    /** Gives the body's bytes back once nothing of it is kept. May be called again: a handler that has released may still fail. */
    void release() {
        if (!released) {
            released = true;
            budget.giveBack(body.length());
        }
    }

    /** Answers without reading the body, and closes the connection when its rest has come or doesn't come soon. */
    private void refuse(ApiError error) {
        if (refused) {
            return;
        }
        refused = true;
        vertx.cancelTimer(timer);
        budget.giveBack(body.length());
        exchange.response().putHeader("connection", "close");
        exchange.fail(error);
        if (exchange.request().isEnded()) {
            exchange.cutAfterAnswer();
        } else {
            vertx.setTimer(LINGER_MILLIS, t -> exchange.drop());
        }
    }

    private void onChunk(Buffer chunk) {
        if (refused) {
            return;
        }
        if (body.length() + (long) chunk.length() > maxBytes) {
            refuse(ApiError.bodyTooLarge(maxBytes));
        } else if (!budget.take(chunk.length())) {
            refuse(ApiError.unavailable("The server has too many request bodies to read at once; try again later."));
        } else {
            body.appendBuffer(chunk);
        }
    }

    private void onEnd() {
        if (refused) {
            exchange.cutAfterAnswer();
            return;
        }
        vertx.cancelTimer(timer);
        onBody.accept(body.getBytes());
    }

    private void onGone() {
        if (!refused && !exchange.request().isEnded()) {
            refused = true;
            vertx.cancelTimer(timer);
            budget.giveBack(body.length());
        }
    }

    static long declaredLength(HttpServerRequest request) {
        return parse(request.getHeader("content-length"));
    }

    private static long parse(@Nullable String length) {
        try {
            return length == null ? 0 : Long.parseLong(length.strip());
        } catch (NumberFormatException e) {
            return Long.MAX_VALUE; // longer than a long
        }
    }
}
