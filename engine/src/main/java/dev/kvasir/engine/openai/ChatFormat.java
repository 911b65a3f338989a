package dev.kvasir.engine.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.serving.Generation;
import dev.kvasir.engine.serving.TextDelta;
import dev.kvasir.engine.serving.TextDelta.TokenAt;
import dev.kvasir.engine.serving.Usage;
import dev.kvasir.runner.TokenLogprobs;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Bodies of {@code /v1/chat/completions}. */
public final class ChatFormat extends ResponseFormat {
    private final @Nullable TokenText tokens;

    /**
     * Creates the format of one answer.
     *
     * @param tokens spells tokens; null where no log-probabilities were asked for
     */
    public ChatFormat(Head head, @Nullable TokenText tokens) {
        super(head);
        this.tokens = tokens;
    }

    @Override
    String chunkObject() {
        return "chat.completion.chunk";
    }

    @Override
    public void prompt(int prompt, List<TokenLogprobs> logprobs) {
        // This API has no log-probabilities of prompts.
    }

    @Override
    public ObjectNode opening(int choice) {
        ObjectNode node = object().put("index", choice);
        node.putObject("delta").put("role", "assistant").put("content", "");
        return chunk(closed(node, List.of()).putNull("finish_reason"));
    }

    @Override
    public ObjectNode delta(int choice, TextDelta delta) {
        ObjectNode node = object().put("index", choice);
        node.putObject("delta").put("content", delta.text());
        return chunk(closed(node, delta.logprobs()).putNull("finish_reason"));
    }

    @Override
    public ObjectNode end(int choice, Generation.End end) {
        ObjectNode node = object().put("index", choice);
        node.putObject("delta");
        return chunk(closed(node, List.of()).put("finish_reason", reason(end)));
    }

    @Override
    public ObjectNode whole(List<Choice> choices, Usage usage) {
        ObjectNode body = head("chat.completion");
        ArrayNode array = body.putArray("choices");
        for (Choice choice : choices) {
            ObjectNode node = object().put("index", array.size());
            node.putObject("message")
                    .put("role", "assistant")
                    .put("content", choice.text())
                    .putNull("refusal");
            node.set("logprobs", logprobs(choice.logprobs(), true));
            array.add(node.put("finish_reason", reason(choice.end())));
        }
        body.set("usage", usage(usage));
        return body;
    }

    private ObjectNode closed(ObjectNode choice, List<TokenAt> entries) {
        choice.set("logprobs", logprobs(entries, false));
        return choice;
    }

    private JsonNode logprobs(List<TokenAt> entries, boolean whole) {
        if (tokens == null || (entries.isEmpty() && !whole)) {
            return nothing();
        }
        ObjectNode node = object();
        ArrayNode content = node.putArray("content");
        for (TokenAt entry : entries) {
            TokenLogprobs at = entry.logprobs();
            ObjectNode item = token(tokens, at.token(), at.logprob());
            ArrayNode top = item.putArray("top_logprobs");
            for (int i = 0; i < at.topTokens().length; i++) {
                top.add(token(tokens, at.topTokens()[i], at.topLogprobs()[i]));
            }
            content.add(item);
        }
        node.putNull("refusal");
        return node;
    }

    private static ObjectNode token(TokenText tokens, int token, float logprob) {
        ObjectNode node = object().put("token", tokens.text(token)).put("logprob", TokenText.finite(logprob));
        byte[] bytes = tokens.bytes(token);
        if (bytes.length == 0) {
            return node.putNull("bytes");
        }
        ArrayNode array = node.putArray("bytes");
        for (byte b : bytes) {
            array.add(b & 0xff);
        }
        return node;
    }
}
