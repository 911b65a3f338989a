package dev.kvasir.engine.http;

import dev.kvasir.engine.http.Access.Level;
import dev.kvasir.engine.http.Routes.Methods;
import dev.kvasir.engine.http.Routes.Route;
import dev.kvasir.engine.openai.ApiError;
import dev.kvasir.engine.openai.JsonBody;
import dev.kvasir.engine.serving.Node;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One event loop of the HTTP door. Several of them share one port. */
public final class HttpVerticle extends VerticleBase {
    /** What nginx writes for a client that left before it had its response. */
    private static final int CLIENT_LEFT = 499;

    private static final int SHARED_RANDOM_PORT = -1;
    private static final Set<HttpMethod> METHODS = Set.of(HttpMethod.GET, HttpMethod.POST, HttpMethod.DELETE);

    private final DoorContext door;
    private @Nullable HttpServer server;

    public HttpVerticle(DoorContext door) {
        this.door = door;
    }

    @Override
    public Future<?> start() {
        ConnectionGuard guard = new ConnectionGuard(vertx, door.connections, door.settings);
        Routes routes = routes(guard);
        HttpServerOptions options = new HttpServerOptions()
                .setHost(door.settings.host())
                .setPort(door.settings.port() == 0 ? SHARED_RANDOM_PORT : door.settings.port())
                .setSendBufferSize(door.settings.sendBufferBytes())
                .setTcpNoDelay(true)
                .setHttp2ClearTextEnabled(false) // cancelling is by connection
                .setHandle100ContinueAutomatically(false)
                .setMaxInitialLineLength(8 * 1024)
                .setMaxHeaderSize(16 * 1024);
        TlsFiles tls = door.tls;
        if (tls != null) {
            options.setSsl(true)
                    .setUseAlpn(false)
                    .setKeyCertOptions(tls.keyCert())
                    .setEnabledSecureTransportProtocols(TlsFiles.PROTOCOLS);
        }
        HttpServer created = vertx.createHttpServer(options)
                .connectionHandler(guard::onConnection)
                .invalidRequestHandler(HttpVerticle::refuseMalformed)
                .requestHandler(routes::dispatch);
        server = created;
        return created.listen().onSuccess(listening -> {
            if (tls != null) {
                tls.onChange(created::updateSSLOptions);
            }
        });
    }

    /** Returns the port that is listened on. */
    public int port() {
        HttpServer listening = server;
        return listening == null ? 0 : listening.actualPort();
    }

    private Routes routes(ConnectionGuard guard) {
        Workers workers = new Workers(context, door);
        GenerateHandler generate = new GenerateHandler(vertx, context, door, workers);
        EmbeddingHandler embeddings = new EmbeddingHandler(vertx, context, door, workers);
        ModelHandlers models = new ModelHandlers(door, workers);
        OpsHandlers ops = new OpsHandlers(door);
        PoolHandlers pool = new PoolHandlers(context, door, workers);
        Routes table = new Routes(vertx, (request, methods, names) -> onRequest(request, methods, names, guard));
        table.get("/health", Level.OPEN, false, ops::health);
        table.get("/metrics", Level.CLIENT, false, ops::metrics);
        table.get("/v1/models", Level.CLIENT, true, models::list);
        table.getBelow(ModelHandlers.PREFIX, "model", Level.CLIENT, true, models::one);
        table.post("/v1/completions", Level.CLIENT, true, generate.with(Prepared::completion));
        table.post("/v1/chat/completions", Level.CLIENT, true, generate.with(Prepared::chat));
        table.post("/v1/embeddings", Level.CLIENT, true, embeddings::embed);
        table.post("/tokenize", Level.CLIENT, true, models::tokenize);
        table.post("/detokenize", Level.CLIENT, true, models::detokenize);
        table.post("/admin/drain", Level.ADMIN, false, ops::drain);
        table.get("/v1/kvasir/pool", Level.ADMIN, true, pool::report);
        table.post("/v1/kvasir/pool/evict", Level.ADMIN, true, pool::evict);
        DashboardHandlers dashboard = new DashboardHandlers(vertx, context, door, workers);
        table.get("/v1/kvasir/who", Level.CLIENT, false, dashboard::who);
        table.get("/v1/kvasir/feed", Level.CLIENT, false, dashboard::feed);
        table.get("/v1/kvasir/settings", Level.ADMIN, false, dashboard::settings);
        table.get("/v1/kvasir/pool/slots", Level.ADMIN, true, dashboard::slots);
        table.get("/v1/kvasir/pool/tree", Level.ADMIN, true, dashboard::tree);
        table.getBelow(DashboardHandlers.CONTENT, "id", Level.ADMIN, true, dashboard::content);
        table.post("/v1/kvasir/requests/cancel", Level.ADMIN, false, dashboard::cancel);
        table.getBelow(DashboardHandlers.REQUESTS, "id", Level.ADMIN, false, dashboard::trace);
        new ResponsesHandlers(context, door, workers, generate).addTo(table);
        new MessagesHandlers(workers, generate).addTo(table);
        new FileHandlers(vertx, context, door).addTo(table);
        new BatchHandlers(context, door, workers).addTo(table);
        OpenApi.addTo(table, door.openApi);
        StaticFiles.addTo(table);
        door.routes(table.names());
        return table;
    }

    private void onRequest(
            HttpServerRequest request, @Nullable Methods methods, Map<String, String> names, ConnectionGuard guard) {
        door.enter();
        guard.busy(request.connection());
        Exchange exchange = new Exchange(request, System.nanoTime(), done -> onDone(done, guard));
        try {
            answer(exchange, methods, names);
        } catch (RuntimeException e) {
            refuse(exchange, e);
        }
    }

    private void answer(Exchange exchange, @Nullable Methods methods, Map<String, String> names) {
        HttpServerRequest request = exchange.request();
        Route route = methods == null ? null : methods.of(request.method());
        Level level = route == null ? Level.CLIENT : route.level();
        if (route != null) {
            exchange.route(route, names);
        }
        if (door.cors.isAnswered(exchange)) {
            return;
        }
        // Who may not come in learns nothing of what there is.
        if (level != Level.OPEN) {
            door.access.checkOrigin(request.getHeader("host"), request.getHeader("origin"));
        }
        exchange.tenant(door.access.admit(level, credentials(request)));
        if (methods == null || route == null) {
            throw ApiError.notFound(request.method().name(), shortened(request.path()));
        }
        if (!request.method().equals(route.method())) {
            exchange.response().putHeader("allow", methods.allowed());
            throw ApiError.methodNotAllowed(request.method().name(), methods.allowed());
        }
        if (route.needsModel()) {
            checkPhase(exchange);
        }
        if (level == Level.CLIENT && route.needsModel()) {
            KeyBudget budget = door.budgets.of(exchange.tenant().key());
            budget.begin(exchange.response().headers());
            exchange.budget(budget);
            exchange.onFinished(budget::end);
        }
        if (route.plain() != null) {
            route.plain().accept(exchange);
        } else if (route.withBody() != null) {
            checkContentType(request.getHeader("content-type"));
            readBody(exchange, route.withBody());
        }
    }

    /** A key may also come as Anthropic's clients send it. */
    private static @Nullable String credentials(HttpServerRequest request) {
        String authorization = request.getHeader("authorization");
        String key = authorization == null ? request.getHeader("x-api-key") : null;
        return key == null ? authorization : "Bearer " + key;
    }

    private void readBody(Exchange exchange, Routes.BodyHandler handler) {
        // The reader hands itself on, so that the handler can give the body's bytes back.
        BodyReader[] reader = new BodyReader[1];
        reader[0] = new BodyReader(
                vertx, exchange, door.bodies, door.settings.maxBodyBytes(), door.settings.idleSeconds(), body -> {
                    try {
                        handler.handle(exchange, body, reader[0]::release);
                    } catch (RuntimeException e) {
                        reader[0].release();
                        Workers.fail(exchange, e);
                    }
                });
        reader[0].start();
    }

    private void checkPhase(Exchange exchange) {
        Node.Phase phase = door.node.phase();
        if (phase == Node.Phase.DRAINING) {
            exchange.response().putHeader("connection", "close");
            exchange.cutAfterAnswer();
        }
        switch (phase) {
            case READY -> {}
            case LOADING -> throw ApiError.unavailable("The model is still being loaded.");
            case DRAINING -> throw ApiError.unavailable("The server is shutting down.");
            case FAILED -> throw ApiError.unavailable("The server has failed and must be restarted.");
        }
    }

    private static void checkContentType(@Nullable String given) {
        // Asking for JSON keeps a page's plain form from posting here unasked.
        if (given != null) {
            String type = given.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
            if (!type.equals("application/json")) {
                throw ApiError.contentType(given.length() > 80 ? given.substring(0, 80) + ".." : given);
            }
        }
    }

    /** Answers before the body was read; what comes of it is dropped. */
    private void refuse(Exchange exchange, RuntimeException e) {
        if (exchange.request().isEnded()) {
            Workers.fail(exchange, e);
        } else if (e instanceof ApiError error) {
            new BodyReader(vertx, exchange, door.bodies, 0, 1, body -> {}).discard(error);
        } else {
            Workers.fail(exchange, e);
            exchange.cutAfterAnswer();
        }
    }

    private void onDone(Exchange exchange, ConnectionGuard guard) {
        door.leave();
        guard.idle(exchange.request().connection());
        HttpMethod method = exchange.request().method();
        String name = METHODS.contains(method) ? method.name() : "other";
        int status = exchange.isGone() ? CLIENT_LEFT : exchange.response().getStatusCode();
        door.metrics.httpRequest(exchange.handler(), name, status);
        AccessLog.answered(exchange, name, status);
    }

    private static void refuseMalformed(HttpServerRequest request) {
        request.response()
                .setStatusCode(400)
                .putHeader("content-type", "application/json")
                .putHeader("connection", "close")
                .end(Buffer.buffer(JsonBody.bytes(ApiError.badRequest(
                                "The request is not valid HTTP, or its first line" + " or headers are too long.")
                        .body())))
                .onComplete(done -> request.connection().close());
    }

    private static String shortened(@Nullable String path) {
        String text = String.valueOf(path);
        return text.length() > 200 ? text.substring(0, 200) + ".." : text;
    }
}
