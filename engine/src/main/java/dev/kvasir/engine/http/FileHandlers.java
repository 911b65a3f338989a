package dev.kvasir.engine.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.batch.BatchService;
import dev.kvasir.engine.batch.FileStore;
import dev.kvasir.engine.batch.StoredFile;
import dev.kvasir.engine.http.Access.Level;
import dev.kvasir.engine.openai.ApiError;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Locale;

/** Answers {@code /v1/files}. */
final class FileHandlers {
    private static final int MOST_LISTED = 10_000;
    /** What a form has besides its file. */
    private static final long FORM_BYTES = 64 * 1024;

    private final Vertx vertx;
    private final Context loop;
    private final DoorContext door;

    FileHandlers(Vertx vertx, Context loop, DoorContext door) {
        this.vertx = vertx;
        this.loop = loop;
        this.door = door;
    }

    void addTo(Routes routes) {
        routes.get("/v1/files", Level.CLIENT, false, this::list);
        routes.postForm("/v1/files", Level.CLIENT, false, this::upload);
        routes.get("/v1/files/{file_id}", Level.CLIENT, false, this::one);
        routes.delete("/v1/files/{file_id}", Level.CLIENT, false, this::delete);
        routes.get("/v1/files/{file_id}/content", Level.CLIENT, false, this::content);
    }

    /** Returns what keeps files and batches here. */
    static BatchService service(DoorContext door) {
        BatchService service = door.batches();
        if (service == null) {
            throw ApiError.unavailable(
                    "This server keeps no files and batches: another one has its directory (batches.dir).");
        }
        return service;
    }

    private FileStore files() {
        return service(door).files();
    }

    private void list(Exchange exchange) {
        String purpose = Pages.parameter(exchange.request(), "purpose");
        List<ObjectNode> all = files().list(exchange.tenant().id()).stream()
                .filter(file -> purpose == null || file.purpose().equals(purpose))
                .map(StoredFile::json)
                .toList();
        exchange.json(200, Pages.of(all, exchange.request(), MOST_LISTED, MOST_LISTED));
    }

    private void upload(Exchange exchange) {
        FileStore files = files();
        String type = exchange.request().getHeader("content-type");
        if (type == null
                || !type.toLowerCase(Locale.ROOT).startsWith("multipart/form-data")
                || !type.contains("boundary=")) {
            throw ApiError.formExpected();
        }
        files.checkLength(BodyReader.declaredLength(exchange.request()) - FORM_BYTES);
        new UploadReader(vertx, loop, exchange, files, door.settings.idleSeconds()).start();
    }

    private StoredFile find(Exchange exchange) {
        String id = exchange.named("file_id");
        return files().find(exchange.tenant().id(), id).orElseThrow(() -> ApiError.noSuch("file", id));
    }

    private void one(Exchange exchange) {
        exchange.json(200, find(exchange).json());
    }

    private void delete(Exchange exchange) {
        StoredFile file = find(exchange);
        loop.executeBlocking(() -> files().delete(file.tenant(), file.id()), false)
                .onComplete(done -> {
                    if (done.failed()) {
                        Workers.fail(exchange, done.cause());
                    } else if (!done.result()) {
                        exchange.fail(ApiError.noSuch("file", file.id()));
                    } else {
                        exchange.json(
                                200,
                                JsonNodeFactory.instance
                                        .objectNode()
                                        .put("id", file.id())
                                        .put("object", "file")
                                        .put("deleted", true));
                    }
                });
    }

    private void content(Exchange exchange) {
        StoredFile file = find(exchange);
        exchange.response()
                .putHeader("content-type", "application/octet-stream")
                .putHeader("content-disposition", "attachment")
                .putHeader("x-content-type-options", "nosniff");
        Future<Void> sent = exchange.response().sendFile(files().content(file).toString());
        dropWhenStalled(exchange, sent);
        sent.onFailure(e -> {
            if (!exchange.isGone() && !exchange.response().headWritten()) {
                exchange.fail(ApiError.noSuch("file", file.id())); // deleted meanwhile
            }
        });
    }

    /** A large file takes as long as it takes, while some of it is taken. */
    private void dropWhenStalled(Exchange exchange, Future<Void> sent) {
        long[] before = {-1};
        long timer = vertx.setPeriodic(door.settings.stallSeconds() * 1000L, t -> {
            long now = exchange.response().bytesWritten();
            if (now == before[0]) {
                exchange.drop();
            }
            before[0] = now;
        });
        sent.onComplete(done -> vertx.cancelTimer(timer));
    }
}
