package dev.kvasir.engine.responses;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.openai.ApiError;
import dev.kvasir.engine.openai.Fields;
import dev.kvasir.engine.openai.TextParts;
import dev.kvasir.engine.openai.Turns;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Reads the items of a conversation, a request's own and those of responses that it continues. */
final class InputItems {
    private static final Set<String> ROLES = Set.of("user", "assistant", "system", "developer");
    private static final Set<String> TEXTS = Set.of("input_text", "output_text", "text", "refusal");
    private static final int MAX_ID_CHARS = 256;

    private final Turns turns;

    InputItems(Turns turns) {
        this.turns = turns;
    }

    /**
     * Reads {@code input} and returns its items as they are stored: in their long form, each with an id.
     *
     * @param newId makes an id of its beginning
     */
    ArrayNode read(Fields fields, UnaryOperator<String> newId) {
        JsonNode input = fields.get("input");
        if (input == null) {
            throw Fields.missing("input");
        }
        ArrayNode items = JsonNodeFactory.instance.arrayNode();
        if (input.isTextual()) {
            ObjectNode message = JsonNodeFactory.instance.objectNode();
            message.put("role", "user").put("content", Fields.text("input", input, 0, Integer.MAX_VALUE));
            items.add(add("input", message, newId));
            return items;
        }
        if (!input.isArray()) {
            throw Fields.wrongType("input", "a string or an array of items", input);
        }
        if (input.isEmpty()) {
            throw ApiError.badField("input", "'input' must have at least one item.");
        }
        for (JsonNode item : input) {
            items.add(add("input[" + items.size() + "]", item, newId));
        }
        return items;
    }

    /** Takes items that were read or written here before. */
    void replay(JsonNode items) {
        for (JsonNode item : items) {
            add("previous_response_id", item, prefix -> prefix);
        }
    }

    private ObjectNode add(String path, JsonNode node, UnaryOperator<String> newId) {
        if (!(node instanceof ObjectNode object)) {
            throw Fields.wrongType(path, "an object", node);
        }
        Fields item = new Fields(object, path + ".");
        String type = item.text("type", 0, 64);
        if (type == null && item.get("role") == null) {
            throw Fields.missing(item.path("type"));
        }
        return switch (type == null ? "message" : type) {
            case "message" -> message(item, newId);
            case "function_call" -> call(item, newId);
            case "function_call_output" -> result(item, newId);
            case "reasoning" -> reasoning(item, newId);
            default ->
                throw ApiError.unsupported(
                        item.path("type"), "Items of type '" + type + "' are not supported by this server.");
        };
    }

    private ObjectNode message(Fields item, UnaryOperator<String> newId) {
        String role = required(item, "role");
        if (!ROLES.contains(role)) {
            throw ApiError.badField(
                    item.path("role"),
                    "'" + item.path("role") + "' must be one of user, assistant, system, developer.");
        }
        String text = text(item, "content");
        switch (role) {
            case "user" -> turns.user(text);
            case "assistant" -> turns.assistant(text);
            default -> turns.system(text);
        }
        ObjectNode stored = stored(item, "message", "msg_", newId).put("role", role);
        ObjectNode part = stored.putArray("content").addObject();
        if (role.equals("assistant")) {
            part.put("type", "output_text").put("text", text).putArray("annotations");
            part.putArray("logprobs");
        } else {
            part.put("type", "input_text").put("text", text);
        }
        return stored;
    }

    private ObjectNode call(Fields item, UnaryOperator<String> newId) {
        String id = required(item, "call_id");
        String name = required(item, "name");
        String arguments = item.text("arguments", 0, Integer.MAX_VALUE);
        turns.call(id, name, arguments);
        return stored(item, "function_call", "fc_", newId)
                .put("call_id", id)
                .put("name", name)
                .put("arguments", arguments == null ? "" : arguments);
    }

    private ObjectNode result(Fields item, UnaryOperator<String> newId) {
        String id = required(item, "call_id");
        String text = text(item, "output");
        turns.result(id, text);
        return stored(item, "function_call_output", "fco_", newId)
                .put("call_id", id)
                .put("output", text);
    }

    /** A summary is for people; what the model thought is in the content, if the client has it. */
    private ObjectNode reasoning(Fields item, UnaryOperator<String> newId) {
        JsonNode content = item.get("content");
        ObjectNode stored = stored(item, "reasoning", "rs_", newId);
        stored.putArray("summary");
        if (content != null && content.isArray() && !content.isEmpty()) {
            StringBuilder thought = new StringBuilder();
            int i = 0;
            for (JsonNode part : content) {
                String path = item.path("content") + "[" + i++ + "]";
                if (!(part instanceof ObjectNode object)) {
                    throw Fields.wrongType(path, "an object", part);
                }
                String text = new Fields(object, path + ".").text("text", 0, Integer.MAX_VALUE);
                thought.append(text == null ? "" : text);
            }
            turns.thought(thought.toString());
            stored.putArray("content").addObject().put("type", "reasoning_text").put("text", thought.toString());
        }
        return stored;
    }

    private static ObjectNode stored(Fields item, String type, String prefix, UnaryOperator<String> newId) {
        String id = item.text("id", 1, MAX_ID_CHARS);
        return JsonNodeFactory.instance
                .objectNode()
                .put("id", id == null ? newId.apply(prefix) : id)
                .put("type", type)
                .put("status", "completed");
    }

    private static String required(Fields item, String name) {
        String text = item.text(name, 1, MAX_ID_CHARS);
        if (text == null) {
            throw Fields.missing(item.path(name));
        }
        return text;
    }

    /** Returns a text that is written as one, or as an array of parts. */
    private static String text(Fields item, String name) {
        String path = item.path(name);
        JsonNode node = item.get(name);
        if (node == null) {
            throw Fields.missing(path);
        }
        if (node.isTextual()) {
            return Fields.text(path, node, 0, Integer.MAX_VALUE);
        }
        if (!node.isArray()) {
            throw Fields.wrongType(path, "a string or an array of text parts", node);
        }
        return TextParts.join(path, node, TEXTS);
    }
}
