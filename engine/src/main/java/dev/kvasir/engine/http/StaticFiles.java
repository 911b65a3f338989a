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
        add(routes, "/", "index.html", "text/html; charset=utf-8");
        add(routes, "/kvasir.css", "kvasir.css", "text/css; charset=utf-8");
    }

    private static void add(Routes routes, String path, String name, String contentType) {
        Buffer content = Buffer.buffer(read(name));
        routes.get(path, Level.OPEN, false, exchange -> {
            PageHeaders.putInto(exchange.response());
            exchange.send(200, contentType, content);
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
