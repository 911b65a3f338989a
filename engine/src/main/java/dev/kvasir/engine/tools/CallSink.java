package dev.kvasir.engine.tools;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes parts of the JSON of calls, if they are calls of tools that were offered. */
final class CallSink {
    private static final ObjectMapper MAPPER =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private final ToolUse use;
    private final Supplier<String> newId;
    private final boolean isGuided;
    private int calls;

    CallSink(ToolUse use, Supplier<String> newId, boolean isGuided) {
        this.use = use;
        this.newId = newId;
        this.isGuided = isGuided;
    }

    /** Returns whether calls are sure to be whole. */
    boolean isGuided() {
        return isGuided;
    }

    /** Returns how many calls were told. */
    int calls() {
        return calls;
    }

    /** Tells a call, or all calls of an array; returns whether the text is that. Nothing is told if one of them isn't. */
    boolean tell(String json, List<ReplyPart> parts) {
        JsonNode node = parse(json);
        if (node == null) {
            return false;
        }
        ArrayNode all = node instanceof ArrayNode array
                ? array
                : JsonNodeFactory.instance.arrayNode().add(node);
        if (all.isEmpty()) {
            return false;
        }
        for (JsonNode call : all) {
            if (arguments(call) == null || !use.isOffered(call.path("name").asText())) {
                return false;
            }
        }
        for (JsonNode call : all) {
            tell(call.path("name").asText(), String.valueOf(arguments(call)), parts);
        }
        return true;
    }

    /** Tells a call whose arguments are JSON text; returns whether it is one. */
    boolean tell(String name, JsonText arguments, List<ReplyPart> parts) {
        JsonNode node = parse(arguments.text());
        if (!use.isOffered(name) || !(node instanceof ObjectNode)) {
            return false;
        }
        tell(name, node.toString(), parts);
        return true;
    }

    /** JSON text that a model wrote. */
    record JsonText(String text) {}

    private void tell(String name, String arguments, List<ReplyPart> parts) {
        int index = begin(name, parts);
        parts.add(new ReplyPart.Arguments(index, arguments));
    }

    /** Tells that a call begins, and returns its index. */
    int begin(String name, List<ReplyPart> parts) {
        parts.add(new ReplyPart.CallBegin(calls, newId.get(), name));
        return calls++;
    }

    /** Returns a call's arguments, an object; one that is written as a string is taken, too. */
    private static @Nullable ObjectNode arguments(JsonNode call) {
        if (!call.isObject() || !call.path("name").isTextual()) {
            return null;
        }
        JsonNode arguments = call.has("arguments") ? call.get("arguments") : call.get("parameters");
        if (arguments == null || arguments.isNull()) {
            return JsonNodeFactory.instance.objectNode();
        }
        if (arguments.isTextual()) {
            arguments = parse(arguments.textValue());
        }
        return arguments instanceof ObjectNode object ? object : null;
    }

    private static @Nullable JsonNode parse(String json) {
        try {
            JsonNode node = MAPPER.readTree(json);
            return node == null || node.isMissingNode() ? null : node;
        } catch (JsonProcessingException e) {
            return null;
        }
    }
}
