package dev.kvasir.engine.http;

import io.vertx.core.http.HttpServerResponse;

/**
 * What a browser is told with each page and each file of one: scripts and styles come from here and never from inside a page, it talks to this server
 * alone, nobody frames it, and nobody is told where its visitor came from.
 */
final class PageHeaders {
    static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
            + " font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private PageHeaders() {}

    static void putInto(HttpServerResponse response) {
        response.putHeader("content-security-policy", POLICY)
                .putHeader("x-frame-options", "DENY")
                .putHeader("x-content-type-options", "nosniff")
                .putHeader("referrer-policy", "no-referrer")
                .putHeader("cross-origin-opener-policy", "same-origin")
                .putHeader("cross-origin-resource-policy", "same-origin")
                .putHeader("permissions-policy", "camera=(), geolocation=(), microphone=()");
    }
}
