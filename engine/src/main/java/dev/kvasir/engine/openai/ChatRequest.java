package dev.kvasir.engine.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.openai.CommonFields.Common;
import dev.kvasir.engine.openai.CommonFields.Names;
import dev.kvasir.engine.serving.GenerationOptions;
import dev.kvasir.engine.tools.CallGuide;
import dev.kvasir.engine.tools.ReplyStyle;
import dev.kvasir.engine.tools.Tool;
import dev.kvasir.engine.tools.ToolUse;
import dev.kvasir.runner.GuideSpec;
import java.util.ArrayList;
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
 * @param messages role, content and maybe more of each
 * @param templateVariables further variables for the chat template, the tools among them
 * @param tools what it says of tools
 * @param answer what an answer must look like, as a piece of a guide; null for any text
 * @param answerParam the field that says so
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
        ToolUse tools,
        @Nullable ObjectNode answer,
        String answerParam,
        GenerationOptions options,
        int logprobs,
        boolean stream,
        boolean includeUsage,
        @Nullable String cacheSalt) {
    private static final int MAX_VARIABLES = 32;
    /** Set by the server; a client that could replace them would write control tokens. */
    private static final Set<String> OWN_VARIABLES =
            Set.of("messages", "tools", "add_generation_prompt", "bos_token", "eos_token");

    /** Checks a body; parameters as for completions. */
    public static ChatRequest of(ObjectNode body, int vocab, LongSupplier newSeed) {
        Fields fields = new Fields(body, "");
        Common common = CommonFields.common(fields);
        RefusedFields.check(fields);
        if (fields.bool("echo", false)) {
            throw ApiError.unsupported("echo", "'echo' is not supported for chat completions.");
        }
        int logprobs = logprobs(fields);
        GenerationOptions options = CommonFields.options(fields, Names.OPENAI, null, logprobs, -1, vocab, newSeed);
        ToolFields.Tools tools = ToolFields.of(fields);
        GuidedFields.Answer answer = GuidedFields.of(fields);
        Map<String, Object> variables = new LinkedHashMap<>(templateVariables(fields));
        if (!tools.forTemplate().isEmpty()) {
            variables.put("tools", tools.forTemplate());
        }
        return new ChatRequest(
                common.model(),
                ChatMessages.of(fields),
                variables,
                tools.use(),
                answer == null ? null : answer.piece(),
                answer == null ? "response_format" : answer.param(),
                options,
                logprobs,
                common.stream(),
                common.includeUsage(),
                common.cacheSalt());
    }

    /**
     * Returns what its reply must look like, calls and thoughts included; null for any text.
     *
     * @param thinks whether the prompt ends inside a thought
     */
    public @Nullable GuideRequest guide(ReplyStyle style, boolean thinks) {
        if (!tools.mayCall()) {
            return answer == null ? null : GuideRequest.of(answerParam, withThoughts(answer, style, thinks));
        }
        boolean strict = tools.callable().stream().anyMatch(Tool::strict);
        List<GuideSpec> specs = new ArrayList<>();
        for (boolean exact : strict ? new boolean[] {true} : new boolean[] {true, false}) {
            CallGuide calls = new CallGuide(style.format(), tools, exact);
            ObjectNode reply = tools.mustCall() ? calls.calls() : calls.maybeCalls(answer);
            if (reply == null) {
                return null; // where a call begins can't be told from an answer
            }
            specs.add(new GuideSpec(withThoughts(reply, style, thinks).toString()));
        }
        boolean isAnswerRequired = answer != null && !tools.mustCall();
        String param = isAnswerRequired ? answerParam : "tools";
        return new GuideRequest(param, specs, strict || tools.mustCall() || isAnswerRequired);
    }

    private static ObjectNode withThoughts(ObjectNode reply, ReplyStyle style, boolean thinks) {
        return style.reasons() ? CallGuide.thinking(reply, thinks) : reply;
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
    public static Map<String, Object> templateVariables(Fields fields) {
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
