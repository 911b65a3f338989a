package dev.kvasir.engine.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Checks the messages of a conversation and flattens their content to text. */
final class ChatMessages {
    private static final Set<String> ROLES = Set.of("system", "developer", "user", "assistant", "tool");
    private static final Set<String> TEXTS = Set.of("text", "refusal");
    private static final int MAX_NAME_CHARS = 256;

    private ChatMessages() {}

    /** Returns the messages as a chat template reads them: {@code role}, {@code content}, and maybe {@code name}, calls and thoughts. */
    static List<Map<String, Object>> of(Fields fields) {
        JsonNode node = fields.get("messages");
        if (node == null) {
            throw Fields.missing("messages");
        }
        if (!node.isArray()) {
            throw Fields.wrongType("messages", "an array of messages", node);
        }
        if (node.isEmpty()) {
            throw ApiError.badField("messages", "'messages' must have at least one message.");
        }
        List<Map<String, Object>> messages = new ArrayList<>();
        for (JsonNode item : node) {
            messages.add(message("messages[" + messages.size() + "]", item));
        }
        MessageCalls.nameResults(messages);
        return messages;
    }

    private static Map<String, Object> message(String path, JsonNode node) {
        if (!(node instanceof ObjectNode object)) {
            throw Fields.wrongType(path, "an object", node);
        }
        Fields fields = new Fields(object, path + ".");
        String role = role(fields);
        for (String refused : List.of("function_call", "audio")) {
            JsonNode value = fields.get(refused);
            if (value != null && !(value.isContainerNode() && value.isEmpty())) {
                throw ApiError.unsupported(
                        fields.path(refused), "'" + fields.path(refused) + "' is not supported by this server.");
            }
        }
        Map<String, Object> message = new LinkedHashMap<>();
        // A developer's message is a system message under a newer name, which templates don't know.
        message.put("role", role.equals("developer") ? "system" : role);
        List<Map<String, Object>> calls = role.equals("assistant") ? MessageCalls.of(fields) : List.of();
        boolean mayBeEmpty = !calls.isEmpty() && fields.get("content") == null;
        message.put("content", mayBeEmpty ? "" : content(fields));
        if (!calls.isEmpty()) {
            message.put("tool_calls", calls);
        }
        if (role.equals("assistant")) {
            String thought = fields.text("reasoning_content", 0, Integer.MAX_VALUE);
            if (thought != null) {
                message.put("reasoning_content", thought);
            }
        } else if (fields.get("tool_calls") != null
                && !fields.node().get("tool_calls").isEmpty()) {
            throw ApiError.badField(
                    fields.path("tool_calls"), "Only messages of role 'assistant' may have 'tool_calls'.");
        }
        if (role.equals("tool")) {
            String call = fields.text("tool_call_id", 1, MAX_NAME_CHARS);
            if (call == null) {
                throw Fields.missing(fields.path("tool_call_id"));
            }
            message.put("tool_call_id", call);
        }
        String name = fields.text("name", 1, MAX_NAME_CHARS);
        if (name != null) {
            message.put("name", name);
        }
        return message;
    }

    private static String role(Fields fields) {
        String path = fields.path("role");
        JsonNode node = fields.get("role");
        if (node == null) {
            throw Fields.missing(path);
        }
        String role = Fields.text(path, node, 0, Integer.MAX_VALUE);
        if (role.equals("function")) {
            throw ApiError.unsupported(path, "Messages of role '" + role + "' are not supported by this server.");
        }
        if (!ROLES.contains(role)) {
            String shown = role.length() > 40 ? role.substring(0, 40) + ".." : role;
            throw ApiError.badField(
                    path,
                    "'" + path + "' must be one of system, developer, user, assistant, tool, not '" + shown + "'.");
        }
        return role;
    }

    private static String content(Fields fields) {
        String path = fields.path("content");
        JsonNode node = fields.get("content");
        if (node == null) {
            throw Fields.missing(path);
        }
        if (node.isTextual()) {
            return Fields.text(path, node, 0, Integer.MAX_VALUE);
        }
        if (!node.isArray()) {
            throw Fields.wrongType(path, "a string or an array of text parts", node);
        }
        if (node.isEmpty()) {
            throw ApiError.badField(path, "'" + path + "' must have at least one part.");
        }
        return TextParts.join(path, node, TEXTS);
    }
}
