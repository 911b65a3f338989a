package dev.kvasir.engine.http;

import dev.kvasir.engine.http.Access.Level;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The pages of the web UI, read from its jar once. */
final class StaticFiles {
    private static final String ROOT = "/webui/";

    private StaticFiles() {}

    static void addTo(Routes routes) {
        Buffer index = Buffer.buffer(read("index.html"));
        routes.get("/", Level.OPEN, false, exchange -> {
            exchange.response()
                    .putHeader("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'")
                    .putHeader("x-frame-options", "DENY");
            exchange.send(200, "text/html; charset=utf-8", index);
        });
    }

    private static byte[] read(String name) {
        try (InputStream in = StaticFiles.class.getResourceAsStream(ROOT + name)) {
            if (in == null) {
                throw new IllegalStateException("the web UI's jar lacks " + name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
