package dev.kvasir.engine.http;

import dev.kvasir.engine.http.Access.Level;
import dev.kvasir.engine.openai.ApiError;
import io.vertx.core.http.HttpMethod;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The table of paths. */
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

    private final Map<String, Route> exact = new HashMap<>();
    private final Map<String, Route> prefixes = new HashMap<>();

    void get(String path, Level level, boolean needsModel, Consumer<Exchange> handler) {
        exact.put(path, new Route(path, level, needsModel, handler, null));
    }

    /** Adds everything below a path that ends with a slash. */
    void getBelow(String path, Level level, boolean needsModel, Consumer<Exchange> handler) {
        prefixes.put(path, new Route(path + "*", level, needsModel, handler, null));
    }

    void post(String path, Level level, boolean needsModel, BodyHandler handler) {
        exact.put(path, new Route(path, level, needsModel, null, handler));
    }

    /** Returns the route of a path, or null. */
    @Nullable
    Route find(@Nullable String path) {
        if (path == null) {
            return null;
        }
        Route route = exact.get(path);
        if (route != null) {
            return route;
        }
        for (Map.Entry<String, Route> prefix : prefixes.entrySet()) {
            if (path.startsWith(prefix.getKey())) {
                return prefix.getValue();
            }
        }
        return null;
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
