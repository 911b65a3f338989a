package dev.kvasir.benchmarks.evaluation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Optional;

/** Judges replies. */
final class Reply {
    private static final String CALL = "<tool_call>";
    private static final String CALL_END = "</tool_call>";
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private Reply() {}

    /**
     * Returns whether a reply is the expected one: the same text, space around it aside. Tool calls are the same if name and arguments
     * are, since the order of fields and the space between them are no part of a call.
     */
    static boolean isRight(String reply, String expected) {
        Optional<JsonNode> wanted = toolCall(expected);
        Optional<JsonNode> got = toolCall(reply);
        if (wanted.isPresent() && got.isPresent()) {
            return wanted.get().get("name").equals(got.get().get("name"))
                    && wanted.get().get("arguments").equals(got.get().get("arguments"));
        }
        return reply.strip().equals(expected.strip());
    }

    private static Optional<JsonNode> toolCall(String reply) {
        String text = reply.strip();
        if (!text.startsWith(CALL) || !text.endsWith(CALL_END) || text.length() < CALL.length() + CALL_END.length()) {
            return Optional.empty();
        }
        try {
            JsonNode call = JSON.readTree(text.substring(CALL.length(), text.length() - CALL_END.length()));
            return call.has("name") && call.has("arguments") ? Optional.of(call) : Optional.empty();
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }
}
