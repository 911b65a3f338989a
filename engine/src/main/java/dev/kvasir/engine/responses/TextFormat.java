package dev.kvasir.engine.responses;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.openai.ApiError;
import dev.kvasir.engine.openai.Fields;
import dev.kvasir.engine.openai.GuidedFields;
import dev.kvasir.engine.openai.GuidedFields.Answer;
import org.jspecify.annotations.Nullable;

/**
 * What {@code text.format} says.
 *
 * @param answer what the text must look like; null for any text
 * @param repeated the format as the response repeats it
 */
record TextFormat(@Nullable Answer answer, ObjectNode repeated) {
    private static final String PARAM = "text.format";
    private static final TextFormat ANY =
            new TextFormat(null, JsonNodeFactory.instance.objectNode().put("type", "text"));

    static TextFormat of(Fields fields) {
        Fields text = fields.object("text");
        Fields format = text == null ? null : text.object("format");
        if (format == null) {
            return ANY;
        }
        String type = format.text("type", 0, 64);
        if (type == null) {
            throw Fields.missing(format.path("type"));
        }
        return switch (type) {
            case "text" -> ANY;
            case "json_object" ->
                new TextFormat(
                        GuidedFields.anyObject(PARAM),
                        JsonNodeFactory.instance.objectNode().put("type", type));
            case "json_schema" -> {
                format.bool("strict", false);
                String name = format.text("name", 1, 64);
                if (name == null) {
                    throw Fields.missing(format.path("name"));
                }
                yield new TextFormat(
                        GuidedFields.schema(PARAM, format), format.node().deepCopy());
            }
            default ->
                throw ApiError.badField(
                        format.path("type"),
                        "'" + format.path("type") + "' must be one of text, json_object, json_schema.");
        };
    }
}
