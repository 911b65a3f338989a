package dev.kvasir.benchmarks.serving;

import dev.kvasir.benchmarks.client.BoundedBody;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends streamed requests over HTTP/1.1 and records the answers; whatever goes wrong is a {@link RequestResult} with a
 * failure. Thread-safe.
 */
final class StreamClient implements Sender {
    private static final int ERROR_CHARACTERS = 300;

    private final HttpClient http;
    private final Endpoint endpoint;
    private final URI uri;
    private final @Nullable String apiKey;
    private final Duration timeout;
    private final LongSupplier nanoTime;

    /**
     * A client of one server.
     *
     * @param server where the server is, without {@code /v1}
     * @param apiKey sent as a bearer token, if there is one
     * @param timeout longest that a whole answer may take
     * @param nanoTime the load clock
     */
    StreamClient(
            HttpClient http,
            String server,
            Endpoint endpoint,
            @Nullable String apiKey,
            Duration timeout,
            LongSupplier nanoTime) {
        this.http = http;
        this.endpoint = endpoint;
        this.uri = URI.create(server + endpoint.path());
        this.apiKey = apiKey;
        this.timeout = timeout;
        this.nanoTime = nanoTime;
    }

    @Override
    public Call send(int index, long dueNanos, byte[] body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .header("Content-Type", "application/json")
                .header("Accept", "text/event-stream")
                .POST(BodyPublishers.ofByteArray(body));
        if (apiKey != null) {
            request.header("Authorization", "Bearer " + apiKey);
        }
        long sentNanos = nanoTime.getAsLong();
        StreamRecorder recorder = new StreamRecorder(endpoint, index, dueNanos, sentNanos);
        CompletableFuture<HttpResponse<RequestResult>> exchange =
                http.sendAsync(request.build(), info -> subscriber(info, recorder));
        CompletableFuture<RequestResult> received = new CompletableFuture<>();
        CompletableFuture<?> unused = exchange.whenComplete((response, failure) -> received.complete(
                response != null ? response.body() : recorder.broken(kind(failure), describe(failure))));
        CompletableFuture<RequestResult> answer = received.orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS)
                .exceptionally(gaveUp -> {
                    exchange.cancel(true); // closes the connection, so that the server notices too
                    return recorder.broken(kind(gaveUp), "given up by the client");
                });
        return new Call(answer, () -> received.cancel(false));
    }

    private BodySubscriber<RequestResult> subscriber(HttpResponse.ResponseInfo info, StreamRecorder recorder) {
        if (info.statusCode() != 200) {
            return refused("HTTP " + info.statusCode(), recorder);
        }
        String type = info.headers().firstValue("Content-Type").orElse("");
        if (!type.toLowerCase(Locale.ROOT).startsWith("text/event-stream")) {
            return refused("not a stream", recorder);
        }
        return new EventSubscriber(recorder, nanoTime);
    }

    private static BodySubscriber<RequestResult> refused(String kind, StreamRecorder recorder) {
        return BodySubscribers.mapping(
                new BoundedBody(ERROR_CHARACTERS),
                text -> recorder.broken(kind, new String(text, StandardCharsets.UTF_8)));
    }

    private static String kind(@Nullable Throwable failure) {
        Throwable cause = cause(failure);
        if (cause instanceof TimeoutException) {
            return "timeout";
        }
        if (cause instanceof CancellationException) {
            return RequestResult.CANCELLED;
        }
        if (cause instanceof ConnectException) {
            return "no connection";
        }
        return cause instanceof IOException ? "connection lost" : "failed";
    }

    private static String describe(@Nullable Throwable failure) {
        return String.valueOf(cause(failure));
    }

    private static @Nullable Throwable cause(@Nullable Throwable failure) {
        Throwable at = failure;
        while (at instanceof CompletionException && at.getCause() != null) {
            at = at.getCause();
        }
        return at;
    }
}
