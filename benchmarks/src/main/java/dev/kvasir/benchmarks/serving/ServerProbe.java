package dev.kvasir.benchmarks.serving;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.benchmarks.client.JsonClient;
import dev.kvasir.benchmarks.client.JsonClient.Answer;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalInt;

/** Asks a server, before the load begins, what has to be known about it. */
public final class ServerProbe {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final JsonClient client;

    public ServerProbe(JsonClient client) {
        this.client = client;
    }

    /** Returns a text's token ids, where the server has {@code /tokenize} in vLLM's or in llama.cpp's form. */
    public Optional<int[]> tokenize(String model, String text) throws IOException, InterruptedException {
        ObjectNode asked =
                JSON.createObjectNode().put("model", model).put("prompt", text).put("add_special_tokens", false);
        Optional<int[]> ids = ids(client.ask("/tokenize", asked));
        return ids.isPresent()
                ? ids
                : ids(client.ask("/tokenize", JSON.createObjectNode().put("content", text)));
    }

    /** Returns how many prompt tokens a text costs by the server's own count, chat template included. Generates one token. */
    OptionalInt promptTokens(Endpoint endpoint, String model, String text) throws IOException, InterruptedException {
        ObjectNode asked = JSON.createObjectNode().put("model", model).put("max_tokens", 1);
        if (endpoint == Endpoint.CHAT) {
            asked.putArray("messages").addObject().put("role", "user").put("content", text);
        } else {
            asked.put("prompt", text);
        }
        Answer answer = client.ask(endpoint.path(), asked);
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
}
