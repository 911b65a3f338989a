package dev.kvasir.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.config.SettingsReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A server of {@code SyntheticModel.tiny}, in float32 and small segments, with a client: for what lies below the device. */
final class TieredServer implements AutoCloseable {
    static final int REPLY_TOKENS = 14;
    static final int SEGMENT = 16;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Server server;
    private final HttpClient client = HttpClient.newHttpClient();

    /** Starts it with settings {@code key=value}. */
    TieredServer(Path model, Path data, String... settings) {
        List<String> all = new ArrayList<>(List.of(
                "http.port=0",
                "data.dir=" + data,
                "model.path=" + model,
                "model.name=tiny",
                "model.dtype=float32",
                "pool.segmentTokens=" + SEGMENT,
                "scheduler.maxSequences=2",
                "pool.prefetch=wait"));
        all.addAll(List.of(settings));
        server = new Server(new SettingsReader().set(all).read());
        server.start(Wiring::load);
    }

    /** Asks for a greedy continuation. */
    CompletableFuture<JsonNode> complete(List<Integer> prompt) {
        ObjectNode body = JSON.createObjectNode().put("model", "tiny").put("max_tokens", REPLY_TOKENS);
        body.put("temperature", 0).put("ignore_eos", true);
        ArrayNode tokens = body.putArray("prompt");
        prompt.forEach(tokens::add);
        HttpRequest request = HttpRequest.newBuilder(URI.create(server.address() + "/v1/completions"))
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                .build();
        return client.sendAsync(request, BodyHandlers.ofString()).thenApply(TieredServer::answer);
    }

    JsonNode tiers() throws Exception {
        HttpResponse<String> response = client.send(
                HttpRequest.newBuilder(URI.create(server.address() + "/v1/kvasir/pool"))
                        .build(),
                BodyHandlers.ofString());
        return answer(response).path("tiers");
    }

    @Override
    public void close() {
        server.close();
    }

    private static JsonNode answer(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        try {
            return JSON.readTree(response.body());
        } catch (IOException e) {
            throw new AssertionError(response.body(), e);
        }
    }
}
