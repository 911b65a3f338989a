package dev.kvasir.engine.openai;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The calls that an earlier reply of the model has, as chat templates read them: arguments are objects there, not text. */
final class MessageCalls {
    private static final int MOST_CALLS = 128;
    private static final int MAX_CHARS = 256;
    private static final ObjectMapper MAPPER =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private MessageCalls() {}

    static List<Map<String, Object>> of(Fields fields) {
        String path = fields.path("tool_calls");
        JsonNode node = fields.get("tool_calls");
        if (node == null) {
            return List.of();
        }
        if (!node.isArray()) {
            throw Fields.wrongType(path, "an array of tool calls", node);
        }
        CommonFields.checkCount(path, node, MOST_CALLS);
        List<Map<String, Object>> calls = new ArrayList<>();
        for (JsonNode item : node) {
            calls.add(call(path + "[" + calls.size() + "]", item));
        }
        return calls;
    }

    private static Map<String, Object> call(String path, JsonNode item) {
        if (!(item instanceof ObjectNode object)) {
            throw Fields.wrongType(path, "an object", item);
        }
        Fields fields = new Fields(object, path + ".");
        Fields function = fields.object("function");
        if (function == null) {
            throw Fields.missing(fields.path("function"));
        }
        String name = function.text("name", 1, MAX_CHARS);
        if (name == null) {
            throw Fields.missing(function.path("name"));
        }
        Map<String, Object> inner = new LinkedHashMap<>();
        inner.put("name", name);
        inner.put("arguments", arguments(function));
        Map<String, Object> call = new LinkedHashMap<>();
        String id = fields.text("id", 1, MAX_CHARS);
        if (id != null) {
            call.put("id", id);
        }
        call.put("type", "function");
        call.put("function", inner);
        return call;
    }

    private static Object arguments(Fields function) {
        return parsed(function.text("arguments", 0, Integer.MAX_VALUE));
    }

    /** Text that is no object, from a model that wrote no better, goes on as text. */
    static Object parsed(@Nullable String text) {
        if (text == null || text.isBlank()) {
            return Map.of();
        }
        try {
            return MAPPER.readTree(text) instanceof ObjectNode object ? PlainValues.map(object) : text;
        } catch (JsonProcessingException e) {
            return text;
        }
    }

    /** Gives results the names of the tools that were called, for templates that want them. */
    static void nameResults(List<Map<String, Object>> messages) {
        Map<Object, Object> names = new HashMap<>(); // by call
        for (Map<String, Object> message : messages) {
            if (message.get("tool_calls") instanceof List<?> calls) {
                for (Object call : calls) {
                    if (call instanceof Map<?, ?> map && map.get("function") instanceof Map<?, ?> function) {
                        names.put(map.get("id"), function.get("name"));
                    }
                }
            } else if ("tool".equals(message.get("role")) && names.containsKey(message.get("tool_call_id"))) {
                message.putIfAbsent("name", names.get(message.get("tool_call_id")));
            }
        }
    }
}
