package dev.kvasir.engine.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.openai.ApiError;
import dev.kvasir.engine.openai.Fields;
import dev.kvasir.engine.openai.PlainValues;
import dev.kvasir.engine.openai.Turns;
import java.util.Map;
import java.util.StringJoiner;

/** Reads messages with their content blocks. */
final class MessageBlocks {
    private static final int MAX_ID_CHARS = 256;

    private final Turns turns;

    private MessageBlocks(Turns turns) {
        this.turns = turns;
    }

    /** Reads {@code system} and {@code messages}. */
    static Turns read(Fields fields) {
        Turns turns = new Turns(true);
        if (fields.get("system") != null) {
            turns.system(text(fields, "system"));
        }
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
        MessageBlocks blocks = new MessageBlocks(turns);
        int i = 0;
        for (JsonNode item : node) {
            blocks.message("messages[" + i++ + "]", item);
        }
        if (turns.endsWithAssistant()) {
            throw ApiError.unsupported(
                    "messages", "The last message must be of role 'user': an answer can't be begun for the model.");
        }
        return turns;
    }

    private void message(String path, JsonNode node) {
        if (!(node instanceof ObjectNode object)) {
            throw Fields.wrongType(path, "an object", node);
        }
        Fields message = new Fields(object, path + ".");
        String role = message.text("role", 0, 64);
        if (role == null) {
            throw Fields.missing(message.path("role"));
        }
        if (role.equals("system")) {
            turns.system(text(message, "content"));
            return;
        }
        boolean isAssistant = role.equals("assistant");
        if (!isAssistant && !role.equals("user")) {
            throw ApiError.badField(
                    message.path("role"), "'" + message.path("role") + "' must be one of user, assistant, system.");
        }
        String contentPath = message.path("content");
        JsonNode content = message.get("content");
        if (content == null) {
            throw Fields.missing(contentPath);
        }
        if (content.isTextual()) {
            say(isAssistant, Fields.text(contentPath, content, 0, Integer.MAX_VALUE));
            return;
        }
        if (!content.isArray() || content.isEmpty()) {
            throw Fields.wrongType(contentPath, "a string or an array of content blocks", content);
        }
        int i = 0;
        for (JsonNode block : content) {
            block(isAssistant, contentPath + "[" + i++ + "]", block);
        }
    }

    private void block(boolean isAssistant, String path, JsonNode node) {
        if (!(node instanceof ObjectNode object)) {
            throw Fields.wrongType(path, "an object", node);
        }
        Fields block = new Fields(object, path + ".");
        String type = block.text("type", 0, 64);
        if (type == null) {
            throw Fields.missing(block.path("type"));
        }
        switch (type) {
            case "text" -> say(isAssistant, required(block, "text", Integer.MAX_VALUE));
            case "tool_use" -> call(isAssistant, block);
            case "tool_result" -> result(isAssistant, block);
            case "thinking" -> think(isAssistant, block);
            case "redacted_thinking" ->
                onlyOf(isAssistant, block, "assistant"); // of another server; nobody can read it
            default ->
                throw ApiError.unsupported(
                        block.path("type"), "Content blocks of type '" + type + "' are not supported by this server.");
        }
    }

    private void say(boolean isAssistant, String text) {
        if (isAssistant) {
            turns.assistant(text);
        } else {
            turns.user(text);
        }
    }

    private void call(boolean isAssistant, Fields block) {
        onlyOf(isAssistant, block, "assistant");
        Fields input = block.object("input");
        turns.call(
                required(block, "id", MAX_ID_CHARS),
                required(block, "name", MAX_ID_CHARS),
                input == null ? Map.of() : PlainValues.map(input.node()));
    }

    private void result(boolean isAssistant, Fields block) {
        onlyOf(isAssistant, block, "user");
        String text = block.get("content") == null ? "" : text(block, "content");
        // A template knows no failed results; the text says what went wrong.
        block.bool("is_error", false);
        turns.result(required(block, "tool_use_id", MAX_ID_CHARS), text);
    }

    private void think(boolean isAssistant, Fields block) {
        onlyOf(isAssistant, block, "assistant");
        turns.thought(required(block, "thinking", Integer.MAX_VALUE));
    }

    private static void onlyOf(boolean isAssistant, Fields block, String role) {
        if (isAssistant != role.equals("assistant")) {
            throw ApiError.badField(
                    block.path("type"),
                    "Content blocks of this type may stand in messages of role '" + role + "' alone.");
        }
    }

    private static String required(Fields block, String name, int maxChars) {
        String text = block.text(name, 0, maxChars);
        if (text == null) {
            throw Fields.missing(block.path(name));
        }
        return text;
    }

    /** Returns a text that is written as one, or as an array of text blocks. */
    private static String text(Fields fields, String name) {
        String path = fields.path(name);
        JsonNode node = fields.get(name);
        if (node != null && node.isTextual()) {
            return Fields.text(path, node, 0, Integer.MAX_VALUE);
        }
        if (node == null) {
            throw Fields.missing(path);
        }
        if (!node.isArray()) {
            throw Fields.wrongType(path, "a string or an array of text blocks", node);
        }
        StringJoiner text = new StringJoiner("\n");
        int i = 0;
        for (JsonNode item : node) {
            String at = path + "[" + i++ + "]";
            if (!(item instanceof ObjectNode object)) {
                throw Fields.wrongType(at, "an object", item);
            }
            Fields block = new Fields(object, at + ".");
            String type = block.text("type", 0, 64);
            if (type == null) {
                throw Fields.missing(block.path("type"));
            }
            if (!type.equals("text")) {
                throw ApiError.unsupported(
                        block.path("type"), "Content blocks of type '" + type + "' are not supported here.");
            }
            text.add(required(block, "text", Integer.MAX_VALUE));
        }
        return text.toString();
    }
}
