package dev.kvasir.benchmarks.evaluation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.benchmarks.client.JsonClient;
import dev.kvasir.benchmarks.training.corpus.Turn;
import java.io.IOException;

/** Has a server answer questions as chats, greedily. Whatever goes wrong is an {@link Answer} with a failure. Thread-safe. */
final class ChatAnswers {
    /** More than any expected reply has; a model that talks on is wrong anyway. */
    private static final int MAX_TOKENS = 64;

    private static final int DETAIL_CHARACTERS = 200;

    private final JsonClient client;
    private final String model;

    ChatAnswers(JsonClient client, String model) {
        this.client = client;
        this.model = model;
    }

    Answer answer(Question question) throws InterruptedException {
        JsonClient.Answer answer;
        try {
            answer = client.ask("/v1/chat/completions", body(question));
        } catch (IOException e) {
            return Answer.failed(question, e.getClass().getSimpleName() + ": " + e.getMessage());
        }
        JsonNode json = answer.json();
        JsonNode content = json.path("choices").path(0).path("message").path("content");
        if (answer.status() != 200 || !content.isTextual()) {
            return Answer.failed(question, "HTTP " + answer.status() + detail(json));
        }
        JsonNode usage = json.path("usage");
        return new Answer(
                question,
                content.asText(),
                usage.path("prompt_tokens").asInt(),
                usage.path("completion_tokens").asInt(),
                null);
    }

    private ObjectNode body(Question question) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("model", model).put("temperature", 0).put("max_tokens", MAX_TOKENS);
        ArrayNode messages = body.putArray("messages");
        for (Turn turn : question.prompt()) {
            messages.addObject().put("role", turn.role().apiName()).put("content", turn.text());
        }
        return body;
    }

    private static String detail(JsonNode json) {
        String message = json.path("error").path("message").asText();
        return message.isEmpty() ? "" : ": " + message.substring(0, Math.min(message.length(), DETAIL_CHARACTERS));
    }
}
