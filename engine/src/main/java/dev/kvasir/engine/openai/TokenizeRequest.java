package dev.kvasir.engine.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A checked body of {@code POST /tokenize}: a text or a conversation.
 *
 * @param model the model that was asked for; null for whichever is served
 * @param prompt the text; null where messages are given
 * @param addSpecialTokens whether a text gets what the tokenizer puts around every text
 * @param messages the conversation; empty where a text is given
 * @param templateVariables further variables for the chat template
 * @param addGenerationPrompt whether a conversation ends with the header of the assistant's turn
 */
public record TokenizeRequest(
        @Nullable String model,
        @Nullable String prompt,
        boolean addSpecialTokens,
        List<Map<String, Object>> messages,
        Map<String, Object> templateVariables,
        boolean addGenerationPrompt) {
    /** Checks a body. */
    public static TokenizeRequest of(ObjectNode body) {
        Fields fields = new Fields(body, "");
        String model = fields.text("model", 1, 1 << 16);
        String prompt = fields.text("prompt", 0, Integer.MAX_VALUE);
        boolean special = fields.bool("add_special_tokens", true);
        boolean generation = fields.bool("add_generation_prompt", true);
        if (prompt != null && fields.get("messages") != null) {
            throw ApiError.badField("prompt", "Give 'prompt' or 'messages', not both.");
        }
        if (prompt == null && fields.get("messages") == null) {
            throw Fields.missing("prompt");
        }
        return prompt != null
                ? new TokenizeRequest(model, prompt, special, List.of(), Map.of(), generation)
                : new TokenizeRequest(
                        model,
                        null,
                        special,
                        ChatMessages.of(fields),
                        ChatRequest.templateVariables(fields),
                        generation);
    }

    /**
     * A checked body of {@code POST /detokenize}.
     *
     * @param model the model that was asked for; null for whichever is served
     * @param tokens token ids; handed over
     * @param skipSpecialTokens whether special tokens are left out
     */
    public record Detokenize(@Nullable String model, int[] tokens, boolean skipSpecialTokens) {
        /** Checks a body. */
        public static Detokenize of(ObjectNode body, int vocab) {
            Fields fields = new Fields(body, "");
            JsonNode tokens = fields.get("tokens");
            if (tokens == null) {
                throw Fields.missing("tokens");
            }
            if (!tokens.isArray()) {
                throw Fields.wrongType("tokens", "an array of token ids", tokens);
            }
            int[] ids = tokens.isEmpty()
                    ? new int[0]
                    : CompletionRequest.tokens("tokens", tokens, vocab).ids();
            return new Detokenize(fields.text("model", 1, 1 << 16), ids, fields.bool("skip_special_tokens", false));
        }
    }
}
