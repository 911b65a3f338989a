package dev.kvasir.engine.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A file of a client's.
 *
 * @param tenant whose it is
 * @param filename what the client calls it; never a path here
 * @param purpose {@code batch}, or {@code batch_output} for answers
 * @param createdSeconds since 1970
 */
public record StoredFile(String id, String tenant, String filename, String purpose, long bytes, long createdSeconds) {
    /** Returns it as the API has it. */
    public ObjectNode json() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("id", id)
                .put("object", "file")
                .put("bytes", bytes)
                .put("created_at", createdSeconds)
                .put("filename", filename)
                .put("purpose", purpose)
                .put("status", "processed");
    }

    ObjectNode stored() {
        return json().put("tenant", tenant);
    }

    static StoredFile of(JsonNode stored) {
        return new StoredFile(
                stored.path("id").asText(),
                stored.path("tenant").asText(),
                stored.path("filename").asText(),
                stored.path("purpose").asText(),
                stored.path("bytes").asLong(),
                stored.path("created_at").asLong());
    }
}
