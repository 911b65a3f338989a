package dev.kvasir.engine.http;

import dev.kvasir.engine.http.Access.Level;
import dev.kvasir.engine.openai.ApiError;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The table of paths, matched by Vert.x Web. What a path allows is checked behind it, in one order for all of them. */
final class Routes {
    /**
     * One method of one path. Exactly one of the two handlers is set.
     *
     * @param path as OpenAPI writes it, with names in braces; for metrics and logs, too
     * @param needsModel whether it is refused while there is none, or no new work is taken
     * @param errors how its errors are written
     * @param plain answers a request without a body
     * @param withBody answers a request with its body
     */
    record Route(
            HttpMethod method,
            String path,
            Level level,
            boolean needsModel,
            ErrorForm errors,
            @Nullable Consumer<Exchange> plain,
            @Nullable BodyHandler withBody) {}

    /** The methods of one path. */
    static final class Methods {
        private final Map<HttpMethod, Route> routes = new LinkedHashMap<>();

        /** Returns the route of a method; for a method that isn't allowed one that is, which says who may know. */
        Route of(HttpMethod method) {
            Route route = routes.get(method);
            return route == null ? routes.values().iterator().next() : route;
        }

        /** Returns the methods that are allowed, as the header {@code Allow} has them. */
        String allowed() {
            return routes.keySet().stream().map(HttpMethod::name).collect(Collectors.joining(", "));
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

    /** Gets every request. */
    interface Target {
        /**
         * Takes a request.
         *
         * @param methods what its path allows; null where there is no such path
         * @param names what stands in the path where its route has names
         */
        void accept(HttpServerRequest request, @Nullable Methods methods, Map<String, String> names);
    }

    private final Router router;
    private final Target target;
    private final Map<String, Methods> paths = new LinkedHashMap<>();
    private ErrorForm errors = ErrorForm.OPENAI;

    /** Creates an empty table. */
    Routes(Vertx vertx, Target target) {
        this.target = target;
        router = Router.router(vertx);
        // What the router can't make sense of is answered as an unknown path is, in our own shape.
        for (int status : new int[] {400, 404, 405}) {
            router.errorHandler(status, call -> target.accept(call.request(), null, Map.of()));
        }
    }

    /** Has errors of the routes that are added from now on written like this. */
    void errors(ErrorForm form) {
        errors = form;
    }

    void get(String path, Level level, boolean needsModel, Consumer<Exchange> handler) {
        add(path, new Route(HttpMethod.GET, path, level, needsModel, errors, handler, null));
    }

    /** Adds everything below a path that ends with a slash; {@code name} is what the docs call it. */
    void getBelow(String path, String name, Level level, boolean needsModel, Consumer<Exchange> handler) {
        add(path + "*", new Route(HttpMethod.GET, path + "{" + name + "}", level, needsModel, errors, handler, null));
    }

    void delete(String path, Level level, boolean needsModel, Consumer<Exchange> handler) {
        add(path, new Route(HttpMethod.DELETE, path, level, needsModel, errors, handler, null));
    }

    /** Adds a POST whose handler reads its body itself, a form. */
    void postForm(String path, Level level, boolean needsModel, Consumer<Exchange> handler) {
        add(path, new Route(HttpMethod.POST, path, level, needsModel, errors, handler, null));
    }

    void post(String path, Level level, boolean needsModel, BodyHandler handler) {
        add(path, new Route(HttpMethod.POST, path, level, needsModel, errors, null, handler));
    }

    // Any method: who asks with a wrong one is told which are right, but only after the checks that come before.
    private void add(String path, Route route) {
        Methods methods = paths.get(path);
        if (methods == null) {
            Methods added = new Methods();
            paths.put(path, added);
            router.route(path.replaceAll("\\{(\\w+)\\}", ":$1")).handler(call -> dispatch(call, added));
            methods = added;
        }
        methods.routes.put(route.method(), route);
    }

    private void dispatch(RoutingContext call, Methods methods) {
        target.accept(call.request(), methods, call.pathParams());
    }

    /** Finds a request's route and hands both to the target. */
    void dispatch(HttpServerRequest request) {
        router.handle(request);
    }

    /** Returns every route, in the order in which they were added: {@code "GET /v1/models/{model}"}. */
    List<String> names() {
        List<String> names = new ArrayList<>();
        for (Methods methods : paths.values()) {
            methods.routes.values().forEach(route -> names.add(route.method().name() + " " + route.path()));
        }
        return names;
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
