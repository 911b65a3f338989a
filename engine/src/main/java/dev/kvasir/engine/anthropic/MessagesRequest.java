package dev.kvasir.engine.anthropic;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.openai.ApiError;
import dev.kvasir.engine.openai.ChatRequest;
import dev.kvasir.engine.openai.CommonFields;
import dev.kvasir.engine.openai.CommonFields.Names;
import dev.kvasir.engine.openai.Fields;
import dev.kvasir.engine.openai.GuidedFields;
import dev.kvasir.engine.openai.GuidedFields.Answer;
import dev.kvasir.engine.openai.RefusedFields;
import dev.kvasir.engine.openai.Turns;
import dev.kvasir.engine.serving.GenerationOptions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Checks bodies of {@code POST /v1/messages} and {@code POST /v1/messages/count_tokens}. */
public final class MessagesRequest {
    private static final Names NAMES = new Names(List.of("max_tokens"), "stop_sequences", false);
    private static final String THINKING = "enable_thinking";

    /** What other APIs have, or other servers. */
    private static final Map<String, List<String>> HARMLESS = Map.ofEntries(
            Map.entry("container", List.of()),
            Map.entry("diagnostics", List.of()),
            Map.entry("inference_geo", List.of("global")),
            Map.entry("context_management", List.of()),
            Map.entry("mcp_servers", List.of()),
            Map.entry("stop", List.of()),
            Map.entry("max_completion_tokens", List.of()),
            Map.entry("response_format", List.of()),
            Map.entry("guided_json", List.of()),
            Map.entry("guided_regex", List.of()),
            Map.entry("guided_choice", List.of()),
            Map.entry("guided_grammar", List.of()),
            Map.entry("logprobs", List.of()),
            Map.entry("echo", List.of()));

    private MessagesRequest() {}

    /**
     * Checks a body and returns what is to be generated.
     *
     * @param vocab token ids are below this
     * @param newSeed gives a seed where none is named
     */
    public static ChatRequest of(ObjectNode body, int vocab, LongSupplier newSeed) {
        Fields fields = new Fields(body, "");
        String model = CommonFields.model(fields);
        if (fields.get("max_tokens") == null) {
            throw Fields.missing("max_tokens");
        }
        return request(fields, model, vocab, newSeed);
    }

    /** Checks a body whose tokens are to be counted, which needs no {@code max_tokens}. */
    public static ChatRequest toCount(ObjectNode body, int vocab) {
        Fields fields = new Fields(body, "");
        return request(fields, CommonFields.model(fields), vocab, () -> 0);
    }

    private static ChatRequest request(Fields fields, String model, int vocab, LongSupplier newSeed) {
        RefusedFields.check(fields, HARMLESS);
        GenerationOptions options = CommonFields.options(fields, NAMES, null, -1, -1, vocab, newSeed);
        MessageTools tools = MessageTools.of(fields);
        Map<String, Object> variables = new LinkedHashMap<>();
        variables.put(THINKING, thinks(fields));
        variables.putAll(ChatRequest.templateVariables(fields));
        if (!tools.forTemplate().isEmpty()) {
            variables.put("tools", tools.forTemplate());
        }
        Answer answer = answer(fields);
        Turns turns = MessageBlocks.read(fields);
        return new ChatRequest(
                model,
                turns.messages(),
                variables,
                tools.use(),
                answer == null ? null : answer.piece(),
                answer == null ? "output_config.format" : answer.param(),
                options,
                -1,
                fields.bool("stream", false),
                false,
                CommonFields.cacheSalt(fields));
    }

    /** A model whose template knows of it thinks when it is told to, and not otherwise. */
    private static boolean thinks(Fields fields) {
        Fields thinking = fields.object("thinking");
        if (thinking == null) {
            return false;
        }
        String type = thinking.text("type", 0, 64);
        if (type == null) {
            throw Fields.missing(thinking.path("type"));
        }
        thinking.integer("budget_tokens", 1, Integer.MAX_VALUE);
        return switch (type) {
            case "enabled", "adaptive" -> true;
            case "disabled" -> false;
            default ->
                throw ApiError.badField(
                        thinking.path("type"),
                        "'" + thinking.path("type") + "' must be one of enabled, adaptive, disabled.");
        };
    }

    private static @Nullable Answer answer(Fields fields) {
        Fields config = fields.object("output_config");
        Fields format = config == null ? null : config.object("format");
        Fields older = fields.object("output_format");
        if (format != null && older != null) {
            throw ApiError.badField("output_format", "Give 'output_config.format' or 'output_format', not both.");
        }
        Fields given = format == null ? older : format;
        if (given == null) {
            return null;
        }
        String type = given.text("type", 0, 64);
        if (type == null) {
            throw Fields.missing(given.path("type"));
        }
        if (!type.equals("json_schema")) {
            throw ApiError.badField(given.path("type"), "'" + given.path("type") + "' must be json_schema.");
        }
        return GuidedFields.schema(format == null ? "output_format" : "output_config.format", given);
    }
}
