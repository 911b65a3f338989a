package dev.kvasir.engine.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;

/** Content that is written as an array of parts, each an object with a {@code type}. */
public final class TextParts {
    private TextParts() {}

    /**
     * Returns the texts of all parts as one.
     *
     * @param path what the array is called in errors
     * @param types of parts that are text; of a {@code refusal}, which an assistant says in place of text, the field has that name
     * @throws ApiError if a part has another type, or no text
     */
    public static String join(String path, JsonNode parts, Set<String> types) {
        StringBuilder text = new StringBuilder();
        int i = 0;
        for (JsonNode part : parts) {
            text.append(text(path + "[" + i++ + "]", part, types));
        }
        return text.toString();
    }

    private static String text(String path, JsonNode node, Set<String> types) {
        if (!(node instanceof ObjectNode object)) {
            throw Fields.wrongType(path, "an object", node);
        }
        Fields part = new Fields(object, path + ".");
        String type = part.text("type", 0, 64);
        if (type == null) {
            throw Fields.missing(part.path("type"));
        }
        if (!types.contains(type)) {
            throw ApiError.unsupported(
                    part.path("type"), "Content parts of type '" + type + "' are not supported by this server.");
        }
        String field = type.equals("refusal") ? "refusal" : "text";
        String text = part.text(field, 0, Integer.MAX_VALUE);
        if (text == null) {
            throw Fields.missing(part.path(field));
        }
        return text;
    }
}
