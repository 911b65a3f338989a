package dev.kvasir.engine.http;

import dev.kvasir.engine.batch.FileStore;
import dev.kvasir.engine.batch.StoredFile;
import dev.kvasir.engine.openai.ApiError;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerFileUpload;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads one form with a file in it, and writes the file as it comes: the client waits for the disk, and memory holds one piece. Must be started in the same turn in which the request
 * came. Confined to its event loop, except that pieces are written on a worker, one after the other.
 */
final class UploadReader {
    private static final long LINGER_MILLIS = 2000;
    private static final int MOST_NAME_CHARS = 255;
    private static final long LOOK_MILLIS = 1000;

    private final Vertx vertx;
    private final Context loop;
    private final Exchange exchange;
    private final FileStore files;
    private final int idleSeconds;
    private FileStore.@Nullable Upload upload;
    private String filename = "";
    private int fileParts;
    private boolean isOpen; // the file has begun, and not all of it was seen
    private boolean isWriting;
    private boolean hasEnded; // all has come
    private boolean over; // answered, or the client has left
    private long silentMillis;
    private long timer;

    UploadReader(Vertx vertx, Context loop, Exchange exchange, FileStore files, int idleSeconds) {
        this.vertx = vertx;
        this.loop = loop;
        this.exchange = exchange;
        this.files = files;
        this.idleSeconds = idleSeconds;
    }

    void start() {
        HttpServerRequest request = exchange.request();
        request.setExpectMultipart(true);
        request.uploadHandler(this::onPart);
        request.endHandler(v -> {
            hasEnded = true;
            finishIfWritten();
        });
        request.exceptionHandler(e -> {
            if (!exchange.isGone()) {
                refuse(ApiError.badRequest("The form is malformed, or has more or longer fields than are taken."));
            }
        });
        exchange.onGone(this::leave);
        timer = vertx.setPeriodic(LOOK_MILLIS, t -> {
            silentMillis += LOOK_MILLIS;
            if (silentMillis > idleSeconds * 1000L) {
                refuse(ApiError.timeout(idleSeconds));
            }
        });
        if ("100-continue".equalsIgnoreCase(request.getHeader("expect"))) {
            exchange.response().writeContinue();
        }
    }

    private void onPart(HttpServerFileUpload part) {
        part.exceptionHandler(e -> {});
        if (over || !part.name().equals("file") || ++fileParts > 1) {
            part.handler(piece -> {});
            refuse(ApiError.badField("file", "The form must have one file, in the field 'file'."));
            return;
        }
        filename = clean(part.filename());
        isOpen = true;
        part.endHandler(v -> {
            isOpen = false;
            finishIfWritten();
        });
        part.handler(piece -> write(part, piece));
    }

    private void write(HttpServerFileUpload part, Buffer piece) {
        silentMillis = 0;
        if (over) {
            return;
        }
        part.pause();
        isWriting = true;
        byte[] bytes = piece.getBytes();
        work(
                () -> {
                    if (upload == null) {
                        upload = files.upload(exchange.tenant().id());
                    }
                    upload.write(bytes);
                    return bytes.length;
                },
                count -> {
                    part.resume();
                    finishIfWritten();
                });
    }

    /** Works on a worker, in order, and goes on here unless it is over. */
    private <T> void work(Callable<T> task, Consumer<T> then) {
        isWriting = true;
        loop.executeBlocking(task, true).onComplete(done -> {
            isWriting = false;
            silentMillis = 0;
            if (over) {
                abort();
            } else if (done.succeeded()) {
                then.accept(done.result());
            } else if (done.cause() instanceof ApiError error) {
                refuse(error);
            } else {
                Workers.fail(exchange, done.cause());
                leave();
            }
        });
    }

    private void finishIfWritten() {
        if (!hasEnded || isOpen || isWriting || over) {
            return;
        }
        String purpose = exchange.request().getFormAttribute("purpose");
        FileStore.Upload whole = upload;
        if (purpose == null) {
            refuse(ApiError.badField("purpose", "Missing required parameter: 'purpose'."));
        } else if (!purpose.equals("batch")) {
            refuse(ApiError.badField("purpose", "'purpose' must be 'batch'; files are kept for nothing else here."));
        } else if (fileParts == 0) {
            refuse(ApiError.badField("file", "Missing required parameter: 'file'."));
        } else if (whole == null) {
            refuse(ApiError.badField("file", "'file' must not be empty."));
        } else {
            work(() -> whole.finish(filename, purpose), this::answer);
        }
    }

    private void answer(StoredFile file) {
        over = true;
        vertx.cancelTimer(timer);
        exchange.fact("file", file.id());
        exchange.json(200, file.json());
    }

    /** Answers now, and drops what still comes; a form that doesn't end soon ends with its connection. */
    private void refuse(ApiError error) {
        if (over) {
            return;
        }
        leave();
        exchange.response().putHeader("connection", "close");
        exchange.fail(error);
        if (exchange.request().isEnded()) {
            exchange.cutAfterAnswer();
        } else {
            exchange.request().resume();
            long linger = vertx.setTimer(LINGER_MILLIS, t -> exchange.drop());
            exchange.request().endHandler(v -> {
                vertx.cancelTimer(linger);
                exchange.cutAfterAnswer();
            });
        }
    }

    private void leave() {
        over = true;
        vertx.cancelTimer(timer);
        if (!isWriting) {
            abort();
        }
    }

    private void abort() {
        FileStore.Upload begun = upload;
        if (begun != null) {
            upload = null;
            var unused = loop.executeBlocking(
                    () -> {
                        begun.abort();
                        return begun;
                    },
                    true);
        }
    }

    /** The name is told and never used, but it stays in a header of one line. */
    private static String clean(@Nullable String name) {
        String text = name == null || name.isEmpty() ? "upload" : name;
        String cleaned = text.replaceAll("[\\p{Cntrl}]", "_");
        return cleaned.length() > MOST_NAME_CHARS ? cleaned.substring(0, MOST_NAME_CHARS) : cleaned;
    }
}
