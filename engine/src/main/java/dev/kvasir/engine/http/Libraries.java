package dev.kvasir.engine.http;

import java.util.Map;

/** Scripts that others have written and the web UI uses, where their jars have them. The versions are those of the root POM. */
final class Libraries {
    /** By path. */
    static final Map<String, String> FILES = Map.of(
            "/ui/lib/htm-preact.js", "/META-INF/resources/_static/htm/3.1.1/preact/standalone.module.js",
            "/ui/lib/marked.js", "/META-INF/resources/webjars/marked/17.0.1/lib/marked.esm.js",
            "/ui/lib/purify.js", "/META-INF/resources/webjars/dompurify/3.3.3/dist/purify.es.mjs");

    private Libraries() {}
}
