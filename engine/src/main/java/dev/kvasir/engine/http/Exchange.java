package dev.kvasir.engine.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.engine.openai.ApiError;
import dev.kvasir.engine.openai.JsonBody;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One request with its response. Confined to its event loop. */
final class Exchange {
    private static final Pattern SANE_ID = Pattern.compile("[A-Za-z0-9._:-]{1,128}");
    private static final String JSON = "application/json";

    private final HttpServerRequest request;
    private final String id;
    private final long arrivalNanos;
    private final Handler<Exchange> onDone;
    private final List<Runnable> onGone = new ArrayList<>();
    private final List<Runnable> onFinished = new ArrayList<>();
    private final Map<String, Object> facts = new LinkedHashMap<>();
    private final String remoteHost;
    private String handler = "unknown";
    private boolean forAdmins;
    private ErrorForm errors = ErrorForm.OPENAI;
    private Map<String, String> names = Map.of();
    private Tenant tenant = Tenant.anybody(false);
    private KeyBudget budget = KeyBudget.NONE;
    private boolean gone;
    private boolean cutAtEnd;
    private boolean finished;

    /**
     * Wraps a request.
     *
     * @param onDone is told once, when the response is written or the client has left
     */
    Exchange(HttpServerRequest request, long arrivalNanos, Handler<Exchange> onDone) {
        this.request = request;
        this.arrivalNanos = arrivalNanos;
        this.onDone = onDone;
        this.id = idOf(request.getHeader("x-request-id"));
        this.remoteHost = request.remoteAddress() == null
                ? "-"
                : String.valueOf(request.remoteAddress().hostAddress());
        HttpServerResponse response = request.response();
        response.putHeader("x-request-id", id);
        request.exceptionHandler(e -> leave());
        response.exceptionHandler(e -> leave());
        response.closeHandler(v -> leave());
        response.endHandler(v -> {
            finish();
            if (cutAtEnd) {
                cut();
            }
        });
    }

    HttpServerRequest request() {
        return request;
    }

    HttpServerResponse response() {
        return request.response();
    }

    /** Returns the request's id: the client's if it sent a sane one, else ours. */
    String id() {
        return id;
    }

    long arrivalNanos() {
        return arrivalNanos;
    }

    Tenant tenant() {
        return tenant;
    }

    String handler() {
        return handler;
    }

    /** Takes its route, and what stands in its path where that has names. */
    void route(Routes.Route route, Map<String, String> pathNames) {
        handler = route.path();
        errors = route.errors();
        names = pathNames;
        forAdmins = route.level() == Access.Level.ADMIN;
    }

    /** Returns what stands in the path where its route has this name. */
    String named(String name) {
        return names.getOrDefault(name, "");
    }

    /** Returns whether it asks for a route of administrators, whoever asks. */
    boolean isForAdmins() {
        return forAdmins;
    }

    /** Returns the address that it came from: the client's, or that of the proxy before this server. */
    String remoteHost() {
        return remoteHost;
    }

    void tenant(Tenant newTenant) {
        this.tenant = newTenant;
    }

    /** Returns what its key may still ask for. */
    KeyBudget budget() {
        return budget;
    }

    void budget(KeyBudget newBudget) {
        this.budget = newBudget;
    }

    /** Has {@code action} run when the response is written or the client has left. */
    void onFinished(Runnable action) {
        if (finished) {
            action.run();
        } else {
            onFinished.add(action);
        }
    }

    /** Notes something for the log line. */
    void fact(String name, Object value) {
        facts.put(name, value);
    }

    Map<String, Object> facts() {
        return facts;
    }

    /** Returns whether the client left before it had its response. */
    boolean isGone() {
        return gone;
    }

    /** Has {@code action} run if the client leaves before it has its response. */
    void onGone(Runnable action) {
        if (gone) {
            action.run();
        } else {
            onGone.add(action);
        }
    }

    /** Returns whether the response has begun or can't any more. */
    boolean isAnswered() {
        return gone || response().headWritten() || response().ended();
    }

    /** Answers; the future is done when the client has it all. */
    Future<Void> json(int status, JsonNode body) {
        return send(status, JSON, Buffer.buffer(JsonBody.bytes(body)));
    }

    Future<Void> send(int status, String contentType, Buffer body) {
        if (isAnswered()) {
            return Future.succeededFuture();
        }
        return response()
                .setStatusCode(status)
                .putHeader("content-type", contentType)
                .putHeader("x-content-type-options", "nosniff")
                .end(body);
    }

    /** Answers without a body. */
    void empty(int status) {
        if (!isAnswered()) {
            response().setStatusCode(status).end();
        }
    }

    void fail(ApiError error) {
        fact("error", error.code() == null ? "invalid" : error.code());
        if (error.status() == 401) {
            response().putHeader("www-authenticate", "Bearer");
        }
        if (error.isInVain()) {
            response().putHeader("x-should-retry", "false"); // OpenAI's libraries would, after a 408
        }
        if ((error.status() == 429 || error.status() == 503)
                && !response().headers().contains("retry-after")) {
            response().putHeader("retry-after", error.status() == 429 ? "1" : "5");
        }
        json(error.status(), errors.body(error, id));
    }

    /** Closes the connection behind what was written. */
    void cut() {
        request.connection().close();
    }

    /** Drops the connection with what the client didn't take; {@link #cut} would wait for it to be taken. */
    void drop() {
        if (request.connection() instanceof ConnectionBase connection) {
            // Past the handler that would first flush what waits.
            var unused = connection.channelHandlerContext().close();
        } else {
            cut();
        }
    }

    /** Drops the connection if the client hasn't taken its whole response after so many seconds. */
    void dropUnlessTaken(Vertx vertx, Future<Void> taken, int seconds) {
        if (!taken.isComplete()) {
            long timer = vertx.setTimer(seconds * 1000L, t -> drop());
            taken.onComplete(done -> vertx.cancelTimer(timer));
        }
    }

    /** Closes the connection once the response is written. */
    void cutAfterAnswer() {
        cutAtEnd = true;
        if (response().ended()) {
            cut();
        }
    }

    private void leave() {
        if (!gone && !response().ended()) {
            gone = true;
            onGone.forEach(Runnable::run);
        }
        finish();
    }

    private void finish() {
        if (!finished) {
            finished = true;
            onFinished.forEach(Runnable::run);
            onDone.handle(this);
        }
    }

    private static String idOf(@Nullable String given) {
        if (given != null && SANE_ID.matcher(given).matches()) {
            return given;
        }
        return Long.toHexString(ThreadLocalRandom.current().nextLong() | 1L << 63);
    }
}
