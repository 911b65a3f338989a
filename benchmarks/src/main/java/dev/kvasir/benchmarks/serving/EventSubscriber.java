package dev.kvasir.benchmarks.serving;

import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Reads a response body as events and stamps each with the time at which it was complete. */
final class EventSubscriber implements BodySubscriber<RequestResult> {
    private final StreamRecorder recorder;
    private final LongSupplier nanoTime;
    private final List<SseEvent> arrived = new ArrayList<>();
    private final SseParser parser = new SseParser(arrived::add);
    private final CompletableFuture<RequestResult> body = new CompletableFuture<>();
    private Flow.@Nullable Subscription subscription;

    EventSubscriber(StreamRecorder recorder, LongSupplier nanoTime) {
        this.recorder = recorder;
        this.nanoTime = nanoTime;
    }

    @Override
    public CompletionStage<RequestResult> getBody() {
        return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription incoming) {
        subscription = incoming;
        incoming.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        try {
            for (ByteBuffer buffer : buffers) {
                parser.feed(buffer);
            }
        } catch (IllegalStateException e) {
            if (subscription != null) {
                subscription.cancel();
            }
            body.complete(recorder.broken("event too long", String.valueOf(e.getMessage())));
            return;
        }
        if (arrived.isEmpty()) {
            return; // a keep-alive comment, or part of an event
        }
        long nowNanos = nanoTime.getAsLong();
        for (SseEvent event : arrived) {
            recorder.onEvent(event, nowNanos);
        }
        arrived.clear();
    }

    @Override
    public void onError(Throwable failure) {
        body.complete(recorder.broken("connection lost", String.valueOf(failure.getMessage())));
    }

    @Override
    public void onComplete() {
        body.complete(recorder.result());
    }
}
