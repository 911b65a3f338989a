package dev.kvasir.engine.responses;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.openai.ApiError;
import dev.kvasir.engine.openai.ChatRequest;
import dev.kvasir.engine.openai.CommonFields;
import dev.kvasir.engine.openai.CommonFields.Names;
import dev.kvasir.engine.openai.Fields;
import dev.kvasir.engine.openai.GuidedFields.Answer;
import dev.kvasir.engine.openai.RefusedFields;
import dev.kvasir.engine.openai.Turns;
import dev.kvasir.engine.serving.GenerationOptions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A checked body of {@code POST /v1/responses}.
 *
 * @param chat what is generated
 * @param input the request's own input items, each with an id
 * @param repeated what the response repeats of the request
 * @param previousId the response that it continues; null for none
 * @param store whether the response can be asked for later
 * @param background whether the answer comes before the response is computed
 */
public record ResponsesRequest(
        ChatRequest chat,
        ArrayNode input,
        ObjectNode repeated,
        @Nullable String previousId,
        boolean store,
        boolean background) {
    private static final Names NAMES = new Names(List.of("max_output_tokens"), "stop", false);
    private static final int MOST_LOGPROBS = 20;
    private static final String LOGPROBS = "message.output_text.logprobs";
    private static final String ENCRYPTED = "reasoning.encrypted_content";

    /** What other APIs have, or other servers. */
    private static final Map<String, List<String>> HARMLESS = Map.ofEntries(
            Map.entry("access_programs", List.of()),
            Map.entry("image", List.of()),
            Map.entry("moderation", List.of()),
            Map.entry("conversation", List.of()),
            Map.entry("prompt", List.of()),
            Map.entry("context_management", List.of()),
            Map.entry("truncation", List.of("disabled")),
            Map.entry("response_format", List.of()),
            Map.entry("guided_json", List.of()),
            Map.entry("guided_regex", List.of()),
            Map.entry("guided_choice", List.of()),
            Map.entry("guided_grammar", List.of()),
            Map.entry("echo", List.of()),
            Map.entry("modalities", List.of()),
            Map.entry("audio", List.of()));

    /**
     * What surrounds a request.
     *
     * @param vocab token ids are below this
     * @param newSeed gives a seed where none is named
     * @param newId makes an id of its beginning
     * @param history gives the items that led to a response, in order
     */
    public record Surroundings(
            int vocab, LongSupplier newSeed, UnaryOperator<String> newId, Function<String, List<JsonNode>> history) {}

    /** Checks a body. */
    public static ResponsesRequest of(ObjectNode body, Surroundings around) {
        Fields fields = new Fields(body, "");
        String model = CommonFields.model(fields);
        RefusedFields.check(fields, HARMLESS);
        boolean stream = fields.bool("stream", false);
        boolean background = fields.bool("background", false);
        boolean store = fields.bool("store", true);
        if (background && stream) {
            throw ApiError.unsupported("background", "'background' is not supported together with 'stream'.");
        }
        if (background && !store) {
            throw ApiError.badField(
                    "background", "'background' needs 'store', since nobody could ask for the response.");
        }
        fields.object("stream_options");
        int logprobs = logprobs(fields);
        GenerationOptions options =
                CommonFields.options(fields, NAMES, null, logprobs, -1, around.vocab(), around.newSeed());
        ResponseTools tools = ResponseTools.of(fields);
        TextFormat format = TextFormat.of(fields);
        Map<String, Object> variables = new LinkedHashMap<>(ChatRequest.templateVariables(fields));
        if (!tools.forTemplate().isEmpty()) {
            variables.put("tools", tools.forTemplate());
        }
        String previousId = fields.text("previous_response_id", 1, 256);
        Conversation conversation = conversation(fields, previousId, around);
        Answer answer = format.answer();
        ChatRequest chat = new ChatRequest(
                model,
                conversation.turns.messages(),
                variables,
                tools.use(),
                answer == null ? null : answer.piece(),
                answer == null ? "text.format" : answer.param(),
                options,
                logprobs,
                stream,
                false,
                CommonFields.cacheSalt(fields));
        ObjectNode repeated = repeated(fields, chat, tools, format)
                .put("previous_response_id", previousId)
                .put("store", store)
                .put("background", background);
        return new ResponsesRequest(chat, conversation.items, repeated, previousId, store, background);
    }

    /** Checks a body whose tokens are to be counted, and returns what would be generated. */
    public static ChatRequest toCount(ObjectNode body, Surroundings around) {
        return of(body, around).chat();
    }

    private record Conversation(Turns turns, ArrayNode items) {}

    /** Instructions count for this response alone, and come before all. */
    private static Conversation conversation(Fields fields, @Nullable String previousId, Surroundings around) {
        Turns turns = new Turns(false);
        String instructions = fields.text("instructions", 0, Integer.MAX_VALUE);
        if (instructions != null) {
            turns.system(instructions);
        }
        InputItems items = new InputItems(turns);
        if (previousId != null) {
            around.history().apply(previousId).forEach(items::replay);
        }
        return new Conversation(turns, items.read(fields, around.newId()));
    }

    private static int logprobs(Fields fields) {
        int top = fields.integer("top_logprobs", 0, MOST_LOGPROBS, -1);
        JsonNode include = fields.get("include");
        if (include == null) {
            return top;
        }
        if (!include.isArray()) {
            throw Fields.wrongType("include", "an array of strings", include);
        }
        CommonFields.checkCount("include", include, 16);
        int i = 0;
        for (JsonNode item : include) {
            String name = Fields.text("include[" + i++ + "]", item, 1, 256);
            if (name.equals(LOGPROBS)) {
                top = Math.max(0, top);
            } else if (!name.equals(ENCRYPTED)) { // thoughts are never hidden here
                throw ApiError.unsupported("include", "'" + name + "' can't be included.");
            }
        }
        return top;
    }

    private static ObjectNode repeated(Fields fields, ChatRequest chat, ResponseTools tools, TextFormat format) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("instructions", fields.text("instructions", 0, Integer.MAX_VALUE));
        node.put("max_output_tokens", chat.options().maxTokens());
        Long calls = fields.integer("max_tool_calls", 0, Integer.MAX_VALUE);
        node.put("max_tool_calls", calls);
        node.set("metadata", metadata(fields));
        node.put("model", chat.model());
        node.put("parallel_tool_calls", chat.tools().parallel());
        Fields reasoning = fields.object("reasoning");
        ObjectNode effort = node.putObject("reasoning");
        effort.put("effort", reasoning == null ? null : reasoning.text("effort", 1, 64));
        effort.putNull("summary");
        node.put("temperature", fields.number("temperature", 0, 2, 1));
        node.putObject("text").set("format", format.repeated());
        node.set("tool_choice", tools.choice());
        node.set("tools", tools.tools());
        node.put("top_p", fields.number("top_p", 0, 1, 1));
        node.put("top_logprobs", Math.max(0, chat.logprobs()));
        node.put("presence_penalty", fields.number("presence_penalty", -2, 2, 0));
        node.put("frequency_penalty", fields.number("frequency_penalty", -2, 2, 0));
        node.put("truncation", "disabled");
        node.put("service_tier", "default");
        for (String name : List.of("user", "safety_identifier", "prompt_cache_key")) {
            String text = fields.text(name, 0, 1024);
            node.put(name, text);
        }
        return node;
    }

    private static ObjectNode metadata(Fields fields) {
        Fields metadata = fields.object("metadata");
        ObjectNode kept = JsonNodeFactory.instance.objectNode();
        if (metadata == null) {
            return kept;
        }
        if (metadata.node().size() > 16) {
            throw ApiError.badField("metadata", "'metadata' must have at most 16 entries.");
        }
        metadata.node().fieldNames().forEachRemaining(name -> {
            if (name.length() > 64) {
                throw ApiError.badField("metadata", "'metadata' must have names of at most 64 characters.");
            }
            String value = metadata.text(name, 0, 512);
            kept.put(name, value == null ? "" : value);
        });
        return kept;
    }
}
