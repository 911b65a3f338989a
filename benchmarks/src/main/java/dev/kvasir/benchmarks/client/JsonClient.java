package dev.kvasir.benchmarks.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Asks one server for JSON and waits for the answer. Thread-safe. */
public final class JsonClient {
    private static final int BODY_BYTES = 8 << 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http;
    private final String server;
    private final @Nullable String apiKey;
    private final Duration timeout;

    /**
     * A client of one server.
     *
     * @param server where the server is, without {@code /v1}
     * @param apiKey sent as a bearer token, if there is one
     * @param timeout longest that an answer may take
     */
    public JsonClient(HttpClient http, String server, @Nullable String apiKey, Duration timeout) {
        this.http = http;
        this.server = server;
        this.apiKey = apiKey;
        this.timeout = timeout;
    }

    /**
     * An answer.
     *
     * @param status HTTP's
     * @param json the body, a missing node if that is no JSON
     */
    public record Answer(int status, JsonNode json) {}

    /** Gets a path, or posts a body to it if there is one. */
    public Answer ask(String path, @Nullable JsonNode body) throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(server + path)).timeout(timeout);
        if (body != null) {
            request.header("Content-Type", "application/json")
                    .POST(BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)));
        }
        if (apiKey != null) {
            request.header("Authorization", "Bearer " + apiKey);
        }
        HttpResponse<byte[]> response = http.send(request.build(), info -> new BoundedBody(BODY_BYTES));
        try {
            JsonNode json = JSON.readTree(new String(response.body(), StandardCharsets.UTF_8));
            return new Answer(response.statusCode(), json);
        } catch (JsonProcessingException e) {
            return new Answer(response.statusCode(), JSON.missingNode());
        }
    }

    /** Returns the first name of {@code /v1/models}. */
    public String firstModel() throws IOException, InterruptedException {
        Answer answer = ask("/v1/models", null);
        JsonNode name = answer.json().path("data").path(0).path("id");
        if (answer.status() != 200 || !name.isTextual()) {
            throw new IOException(
                    server + "/v1/models answered " + answer.status() + " and named no model; name one by --model");
        }
        return name.asText();
    }
}
