package dev.kvasir.engine.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.openai.CommonFields.Common;
import dev.kvasir.engine.serving.GenerationOptions;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A checked body of {@code POST /v1/chat/completions}.
 *
 * @param model the model that was asked for
 * @param messages role, content and maybe name of each
 * @param templateVariables further variables for the chat template
 * @param options how to generate
 * @param logprobs top log-probabilities wanted, -1 for none
 * @param stream whether tokens are sent as they come
 * @param includeUsage whether a stream ends with its usage
 * @param cacheSalt splits the tenant's cache
 */
public record ChatRequest(
        String model,
        List<Map<String, Object>> messages,
        Map<String, Object> templateVariables,
        GenerationOptions options,
        int logprobs,
        boolean stream,
        boolean includeUsage,
        @Nullable String cacheSalt) {
    private static final int MAX_VARIABLES = 32;
    /** Set by the server; a client that could replace them would write control tokens. */
    private static final Set<String> OWN_VARIABLES =
            Set.of("messages", "add_generation_prompt", "bos_token", "eos_token");

    /** Checks a body; parameters as for completions. */
    public static ChatRequest of(ObjectNode body, int vocab, LongSupplier newSeed) {
        Fields fields = new Fields(body, "");
        Common common = CommonFields.common(fields);
        RefusedFields.check(fields);
        if (fields.bool("echo", false)) {
            throw ApiError.unsupported("echo", "'echo' is not supported for chat completions.");
        }
        int logprobs = logprobs(fields);
        GenerationOptions options = CommonFields.options(fields, null, logprobs, -1, vocab, newSeed);
        return new ChatRequest(
                common.model(),
                ChatMessages.of(fields),
                templateVariables(fields),
                options,
                logprobs,
                common.stream(),
                common.includeUsage(),
                common.cacheSalt());
    }

    private static int logprobs(Fields fields) {
        boolean wanted = fields.bool("logprobs", false);
        int top = fields.integer("top_logprobs", 0, CompletionRequest.MAX_LOGPROBS, 0);
        if (fields.get("top_logprobs") != null && !wanted) {
            throw ApiError.badField("top_logprobs", "'top_logprobs' is only allowed when 'logprobs' is true.");
        }
        return wanted ? top : -1;
    }

    /** Reads {@code chat_template_kwargs}: names and plain values. */
    static Map<String, Object> templateVariables(Fields fields) {
        Fields inner = fields.object("chat_template_kwargs");
        if (inner == null) {
            return Map.of();
        }
        if (inner.node().size() > MAX_VARIABLES) {
            throw ApiError.badField(
                    "chat_template_kwargs", "'chat_template_kwargs' must have at most " + MAX_VARIABLES + " entries.");
        }
        Map<String, Object> variables = new LinkedHashMap<>();
        for (Iterator<Map.Entry<String, JsonNode>> it = inner.node().fields(); it.hasNext(); ) {
            Map.Entry<String, JsonNode> entry = it.next();
            String path = inner.path(entry.getKey());
            JsonNode value = entry.getValue();
            if (OWN_VARIABLES.contains(entry.getKey())) {
                throw ApiError.badField(path, "'" + path + "' is set by the server.");
            }
            if (value.isBoolean()) {
                variables.put(entry.getKey(), value.booleanValue());
            } else if (value.isTextual()) {
                variables.put(entry.getKey(), Fields.text(path, value, 0, 4096));
            } else if (value.isNumber()) {
                variables.put(entry.getKey(), value.numberValue());
            } else if (!value.isNull()) {
                throw Fields.wrongType(path, "a string, a number or a boolean", value);
            }
        }
        return variables;
    }
}
