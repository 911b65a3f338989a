package dev.kvasir.engine.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A batch as it is told and kept. Belongs to the thread of {@link Batches}. */
final class Batch {
    static final String PREFIX = "batch_";
    static final Comparator<Batch> NEWEST_FIRST = Comparator.<Batch>comparingLong(batch -> batch.created())
            .thenComparing(batch -> batch.id)
            .reversed();

    /** What is wrong with a line of the input; line 0 for the file as a whole. */
    record Problem(String code, String message, @Nullable String param, int line) {}

    final String id;
    final String tenant;
    final String endpoint;
    final String inputFileId;
    final String window;
    private final long createdAt;
    final long expiresAt;
    final JsonNode metadata;
    private final Map<BatchStatus, Long> times = new EnumMap<>(BatchStatus.class); // when it came to be so
    final List<Problem> problems = new ArrayList<>();

    BatchStatus status = BatchStatus.VALIDATING;
    String outputFileId = ""; // empty until it's chosen
    String errorFileId = "";
    boolean isExpiring; // it is finalised because its time is over
    int total;
    int completed;
    int failed;

    Batch(
            String id,
            String tenant,
            String endpoint,
            String inputFileId,
            String window,
            long createdAt,
            long expiresAt,
            JsonNode metadata) {
        this.id = id;
        this.tenant = tenant;
        this.endpoint = endpoint;
        this.inputFileId = inputFileId;
        this.window = window;
        this.createdAt = createdAt;
        this.expiresAt = expiresAt;
        this.metadata = metadata;
        times.put(BatchStatus.VALIDATING, createdAt);
    }

    long created() {
        return createdAt;
    }

    void become(BatchStatus next, long seconds) {
        status = next;
        times.put(next, seconds);
    }

    /** Returns it as the API has it. */
    ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("id", id).put("object", "batch").put("endpoint", endpoint);
        if (problems.isEmpty()) {
            json.putNull("errors");
        } else {
            ArrayNode data = json.putObject("errors").put("object", "list").putArray("data");
            for (Problem problem : problems) {
                ObjectNode item = data.addObject().put("code", problem.code()).put("message", problem.message());
                item.put("param", problem.param());
                item.put("line", problem.line() == 0 ? null : Integer.valueOf(problem.line()));
            }
        }
        json.put("input_file_id", inputFileId).put("completion_window", window).put("status", status.text());
        boolean isTold = status.isOver();
        json.put("output_file_id", isTold && !outputFileId.isEmpty() ? outputFileId : null);
        json.put("error_file_id", isTold && !errorFileId.isEmpty() ? errorFileId : null);
        json.put("created_at", created());
        time(json, "in_progress_at", BatchStatus.IN_PROGRESS);
        json.put("expires_at", expiresAt);
        time(json, "finalizing_at", BatchStatus.FINALIZING);
        time(json, "completed_at", BatchStatus.COMPLETED);
        time(json, "failed_at", BatchStatus.FAILED);
        time(json, "expired_at", BatchStatus.EXPIRED);
        time(json, "cancelling_at", BatchStatus.CANCELLING);
        time(json, "cancelled_at", BatchStatus.CANCELLED);
        json.putObject("request_counts")
                .put("total", total)
                .put("completed", completed)
                .put("failed", failed);
        json.set("metadata", metadata);
        return json;
    }

    private void time(ObjectNode json, String name, BatchStatus when) {
        json.put(name, times.get(when));
    }

    /** Returns it as it is kept. */
    ObjectNode stored() {
        ObjectNode stored = json();
        stored.put("tenant", tenant).put("is_expiring", isExpiring);
        stored.put("output_file_id", outputFileId).put("error_file_id", errorFileId);
        return stored;
    }

    static Batch of(JsonNode stored) {
        Batch batch = new Batch(
                stored.path("id").asText(),
                stored.path("tenant").asText(),
                stored.path("endpoint").asText(),
                stored.path("input_file_id").asText(),
                stored.path("completion_window").asText(),
                stored.path("created_at").asLong(),
                stored.path("expires_at").asLong(),
                stored.path("metadata"));
        batch.status = BatchStatus.of(stored.path("status").asText());
        for (BatchStatus status : BatchStatus.values()) {
            JsonNode time = stored.path(status.text() + "_at");
            if (time.isNumber()) {
                batch.times.put(status, time.asLong());
            }
        }
        batch.outputFileId = stored.path("output_file_id").asText();
        batch.errorFileId = stored.path("error_file_id").asText();
        batch.isExpiring = stored.path("is_expiring").asBoolean();
        JsonNode counts = stored.path("request_counts");
        batch.total = counts.path("total").asInt();
        batch.completed = counts.path("completed").asInt();
        batch.failed = counts.path("failed").asInt();
        for (JsonNode problem : stored.at("/errors/data")) {
            batch.problems.add(new Problem(
                    problem.path("code").asText(),
                    problem.path("message").asText(),
                    problem.path("param").isNull()
                            ? null
                            : problem.path("param").asText(),
                    problem.path("line").asInt()));
        }
        return batch;
    }
}
