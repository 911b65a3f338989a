package dev.kvasir.benchmarks.serving;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.jspecify.annotations.Nullable;

/**
 * Turns the events of one streamed answer into a {@link RequestResult}. Belongs to one request. Events come one after the
 * other, each with its time of arrival; giving up may come from another thread, hence the lock.
 */
final class StreamRecorder {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String DONE = "[DONE]";

    private final Endpoint endpoint;
    private final int index;
    private final long dueNanos;
    private final long sentNanos;

    private final ChunkTimes.Builder chunks = new ChunkTimes.Builder();
    private long endNanos;
    private boolean complete;
    private @Nullable TokenUsage usage;
    private @Nullable String failure;
    private @Nullable String detail;

    StreamRecorder(Endpoint endpoint, int index, long dueNanos, long sentNanos) {
        this.endpoint = endpoint;
        this.index = index;
        this.dueNanos = dueNanos;
        this.sentNanos = sentNanos;
        this.endNanos = dueNanos;
    }

    /** Takes one event. */
    synchronized void onEvent(SseEvent event, long nowNanos) {
        if (event.data().equals(DONE)) {
            complete = true;
            return;
        }
        JsonNode chunk;
        try {
            chunk = JSON.readTree(event.data());
        } catch (JsonProcessingException e) {
            fail("not JSON", "an event is not JSON: " + e.getOriginalMessage());
            return;
        }
        JsonNode error = chunk.path("error");
        if (error.isObject() || error.isTextual() || event.type().equals("error")) {
            String message = error.path("message").asText(error.asText(""));
            fail("error event", message);
            return;
        }
        JsonNode said = chunk.path("usage");
        if (said.isObject()) {
            usage = TokenUsage.of(said);
        }
        for (JsonNode choice : chunk.path("choices")) {
            endNanos = nowNanos;
            complete |= choice.path("finish_reason").isTextual();
            if (!endpoint.text(choice).isEmpty()) {
                chunks.add(nowNanos);
            }
        }
    }

    /** Returns the result, once the answer has ended. One that ended before its finish reason came is a failure. */
    synchronized RequestResult result() {
        if (failure == null && !complete) {
            fail("truncated", "the stream ended after " + chunks.count() + " chunks without a finish reason");
        }
        return snapshot();
    }

    /** Returns the result of an answer that broke off or was given up. */
    synchronized RequestResult broken(String kind, String message) {
        return snapshot().withFailure(kind, message);
    }

    private RequestResult snapshot() {
        TokenUsage cost = usage != null ? usage : new TokenUsage(0, chunks.count(), TokenUsage.UNKNOWN);
        return new RequestResult(
                index, dueNanos, sentNanos, chunks.build(), endNanos, cost, usage != null, failure, detail);
    }

    /** Keeps the first failure: what follows is its consequence. */
    private void fail(String kind, String message) {
        if (failure == null) {
            failure = kind;
            detail = message;
        }
    }
}
