package dev.kvasir.engine.http;

import dev.kvasir.engine.http.Access.Level;
import dev.kvasir.engine.openai.ApiError;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** The files of the web UI, each read from its jar and compressed when it is first asked for. */
final class StaticFiles {
    private static final String BELOW = "/ui/";
    /** Small letters, digits and a dash between slashes; no way out of the folder can be written with them. */
    private static final Pattern PATH = Pattern.compile("/ui/([a-z0-9-]+/){0,3}[a-z0-9-]+\\.(js|css|svg)");

    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "svg", "image/svg+xml");

    private static final Map<String, Optional<StaticFile>> FILES =
            new ConcurrentHashMap<>(); // by path, of those asked for

    private record StaticFile(String type, String etag, Buffer plain, Buffer zipped) {}

    private StaticFiles() {}

    static void addTo(Routes routes) {
        routes.get("/", Level.OPEN, false, exchange -> answer(exchange, "/index.html"));
        routes.getBelow(BELOW, "file", Level.OPEN, false, exchange -> answer(exchange, path(exchange)));
    }

    private static String path(Exchange exchange) {
        String path = String.valueOf(exchange.request().path());
        if (path.length() > 100 || !PATH.matcher(path).matches()) {
            throw ApiError.notFound("GET", BELOW + "..");
        }
        return path;
    }

    private static void answer(Exchange exchange, String path) {
        StaticFile file = find(path).orElseThrow(() -> ApiError.notFound("GET", path));
        HttpServerResponse response = exchange.response();
        PageHeaders.putInto(response);
        response.putHeader("cache-control", "no-cache") // asked about each time, and seldom sent
                .putHeader("vary", "accept-encoding")
                .putHeader("etag", file.etag());
        if (file.etag().equals(exchange.request().getHeader("if-none-match"))) {
            exchange.send(304, file.type(), Buffer.buffer());
            return;
        }
        String accepted = exchange.request().getHeader("accept-encoding");
        boolean zip = accepted != null && accepted.contains("gzip");
        if (zip) {
            response.putHeader("content-encoding", "gzip");
        }
        exchange.send(200, file.type(), zip ? file.zipped() : file.plain());
    }

    private static Optional<StaticFile> find(String path) {
        Optional<StaticFile> known = FILES.get(path);
        if (known != null) {
            return known;
        }
        byte[] bytes = read(Libraries.FILES.getOrDefault(path, "/webui" + path));
        if (bytes == null) {
            return Optional.empty(); // not kept: there are more wrong paths than memory
        }
        String type = TYPES.getOrDefault(path.substring(path.lastIndexOf('.') + 1), "application/octet-stream");
        String etag = '"' + HexFormat.of().formatHex(sha256(bytes), 0, 12) + '"';
        Optional<StaticFile> file =
                Optional.of(new StaticFile(type, etag, Buffer.buffer(bytes), Buffer.buffer(zipped(bytes))));
        FILES.put(path, file);
        return file;
    }

    private static byte @Nullable [] read(String resource) {
        try (InputStream in = StaticFiles.class.getResourceAsStream(resource)) {
            return in == null ? null : in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static byte[] zipped(byte[] bytes) {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream(bytes.length / 3);
        try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
            out.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return zipped.toByteArray();
    }
}
