package dev.kvasir.benchmarks.serving;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Asks a server, before the load begins, what has to be known about it. */
final class ServerProbe {
    private static final int BODY_BYTES = 8 << 20;
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http;
    private final String server;
    private final @Nullable String apiKey;

    ServerProbe(HttpClient http, String server, @Nullable String apiKey) {
        this.http = http;
        this.server = server;
        this.apiKey = apiKey;
    }

    /** Returns the first name of {@code /v1/models}. */
    String firstModel() throws IOException, InterruptedException {
        Answer answer = ask("/v1/models", null);
        JsonNode name = answer.json().path("data").path(0).path("id");
        if (answer.status() != 200 || !name.isTextual()) {
            throw new IOException(
                    server + "/v1/models answered " + answer.status() + " and named no model; name one by --model");
        }
        return name.asText();
    }

    /** Returns a text's token ids, where the server has {@code /tokenize} in vLLM's or in llama.cpp's form. */
    Optional<int[]> tokenize(String model, String text) throws IOException, InterruptedException {
        ObjectNode asked =
                JSON.createObjectNode().put("model", model).put("prompt", text).put("add_special_tokens", false);
        Optional<int[]> ids = ids(ask("/tokenize", asked));
        return ids.isPresent()
                ? ids
                : ids(ask("/tokenize", JSON.createObjectNode().put("content", text)));
    }

    /** Returns how many prompt tokens a text costs by the server's own count, chat template included. Generates one token. */
    OptionalInt promptTokens(Endpoint endpoint, String model, String text) throws IOException, InterruptedException {
        ObjectNode asked = JSON.createObjectNode().put("model", model).put("max_tokens", 1);
        if (endpoint == Endpoint.CHAT) {
            asked.putArray("messages").addObject().put("role", "user").put("content", text);
        } else {
            asked.put("prompt", text);
        }
        Answer answer = ask(endpoint.path(), asked);
        JsonNode tokens = answer.json().path("usage").path("prompt_tokens");
        return answer.status() == 200 && tokens.asInt() > 0 ? OptionalInt.of(tokens.asInt()) : OptionalInt.empty();
    }

    private static Optional<int[]> ids(Answer answer) {
        JsonNode tokens = answer.json().path("tokens");
        if (answer.status() != 200 || !tokens.isArray() || tokens.isEmpty()) {
            return Optional.empty();
        }
        int[] ids = new int[tokens.size()];
        for (int i = 0; i < ids.length; i++) {
            if (!tokens.get(i).isInt()) {
                return Optional.empty();
            }
            ids[i] = tokens.get(i).asInt();
        }
        return Optional.of(ids);
    }

    private Answer ask(String path, @Nullable JsonNode body) throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(server + path)).timeout(TIMEOUT);
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

    private record Answer(int status, JsonNode json) {}
}
