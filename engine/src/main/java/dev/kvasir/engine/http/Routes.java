package dev.kvasir.engine.http;

import dev.kvasir.engine.http.Access.Level;
import dev.kvasir.engine.openai.ApiError;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The table of paths, matched by Vert.x Web. What a path allows is checked behind it, in one order for all of them. */
final class Routes {
    /**
     * One path. Exactly one of the two handlers is set.
     *
     * @param name of few, for metrics and logs
     * @param needsModel whether it is refused while there is none, or no new work is taken
     * @param get answers a GET
     * @param post answers a POST with its body
     */
    record Route(
            String name,
            Level level,
            boolean needsModel,
            @Nullable Consumer<Exchange> get,
            @Nullable BodyHandler post) {
        HttpMethod method() {
            return post == null ? HttpMethod.GET : HttpMethod.POST;
        }
    }

    /** Answers a request with a body. */
    interface BodyHandler {
        /**
         * Answers.
         *
         * @param release to be called once nothing of the body is kept
         */
        void handle(Exchange exchange, byte[] body, Runnable release);
    }

    private final Router router;
    private final BiConsumer<HttpServerRequest, @Nullable Route> target;

    /**
     * Creates an empty table.
     *
     * @param target gets each request with its route, or null where there is none
     */
    Routes(Vertx vertx, BiConsumer<HttpServerRequest, @Nullable Route> target) {
        this.target = target;
        router = Router.router(vertx);
        // What the router can't make sense of is answered as an unknown path is, in our own shape.
        for (int status : new int[] {400, 404, 405}) {
            router.errorHandler(status, call -> target.accept(call.request(), null));
        }
    }

    void get(String path, Level level, boolean needsModel, Consumer<Exchange> handler) {
        add(path, new Route(path, level, needsModel, handler, null));
    }

    /** Adds everything below a path that ends with a slash. */
    void getBelow(String path, Level level, boolean needsModel, Consumer<Exchange> handler) {
        add(path + "*", new Route(path + "*", level, needsModel, handler, null));
    }

    void post(String path, Level level, boolean needsModel, BodyHandler handler) {
        add(path, new Route(path, level, needsModel, null, handler));
    }

    // Any method: who asks with a wrong one is told which is right, but only after the checks that come before.
    private void add(String path, Route route) {
        router.route(path).handler(call -> target.accept(call.request(), route));
    }

    /** Finds a request's route and hands both to the target. */
    void dispatch(HttpServerRequest request) {
        router.handle(request);
    }

    /** Returns what stands behind a prefix, decoded. */
    static String below(String prefix, String path) {
        try {
            // A plus is a plus in a path.
            return URLDecoder.decode(path.substring(prefix.length()).replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw ApiError.badRequest("The request URL is badly encoded.");
        }
    }
}
