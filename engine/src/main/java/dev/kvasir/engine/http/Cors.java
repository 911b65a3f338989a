package dev.kvasir.engine.http;

import dev.kvasir.engine.config.Origins;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Tells browsers which pages may read an answer: those of the origins that were set, without cookies, which mean nothing here. What a browser asks
 * beforehand is answered without a key, since it sends none.
 */
final class Cors {
    private static final String METHODS = "GET, POST, DELETE";
    private static final String EXPOSED = "x-request-id, retry-after, retry-after-ms, x-ratelimit-limit-requests,"
            + " x-ratelimit-limit-tokens, x-ratelimit-remaining-requests, x-ratelimit-remaining-tokens,"
            + " x-ratelimit-reset-requests, x-ratelimit-reset-tokens";
    private static final Pattern HEADERS = Pattern.compile("[A-Za-z0-9, _-]{1,2048}");
    private static final String SECONDS = "600";

    private final Origins origins;

    Cors(Origins origins) {
        this.origins = origins;
    }

    /**
     * Says in the answer's headers what its origin may do.
     *
     * @return whether it's what a browser asks beforehand, and needs no other answer
     */
    boolean isAnswered(Exchange exchange) {
        if (origins.isEmpty()) {
            return false;
        }
        HttpServerRequest request = exchange.request();
        HttpServerResponse response = exchange.response();
        String origin = request.getHeader("origin");
        response.putHeader("vary", "origin");
        if (!origins.allow(origin)) {
            return false;
        }
        response.putHeader("access-control-allow-origin", String.valueOf(origin))
                .putHeader("access-control-expose-headers", EXPOSED);
        if (!HttpMethod.OPTIONS.equals(request.method())
                || request.getHeader("access-control-request-method") == null) {
            return false;
        }
        // Client libraries send headers of their own by the dozen; this origin is trusted with any.
        String headers = request.getHeader("access-control-request-headers");
        if (isSane(headers)) {
            response.putHeader("access-control-allow-headers", headers);
        }
        response.putHeader("access-control-allow-methods", METHODS).putHeader("access-control-max-age", SECONDS);
        exchange.empty(204);
        return true;
    }

    private static boolean isSane(@Nullable String headers) {
        return headers != null && HEADERS.matcher(headers).matches();
    }
}
