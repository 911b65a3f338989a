package dev.kvasir.engine.openai;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/** The fields that say what an answer must look like: OpenAI's {@code response_format}, and vLLM's {@code guided_*}. */
public final class GuidedFields {
    private static final int MOST_CHOICES = 10_000;
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private GuidedFields() {}

    /**
     * What one of these fields says.
     *
     * @param piece of a {@link dev.kvasir.runner.GuideSpec}
     */
    public record Answer(String param, ObjectNode piece) {}

    /** Returns what is asked for; null for any text. */
    static @Nullable Answer of(Fields fields) {
        Answer found = null;
        for (Answer each : new @Nullable Answer[] {
            responseFormat(fields),
            json(fields),
            text(fields, "guided_regex", "regex"),
            choice(fields),
            text(fields, "guided_grammar", "grammar")
        }) {
            if (each != null && found != null) {
                throw ApiError.badField(
                        each.param(), "Give '" + found.param() + "' or '" + each.param() + "', not both.");
            }
            found = each == null ? found : each;
        }
        return found;
    }

    private static @Nullable Answer responseFormat(Fields fields) {
        Fields format = fields.object("response_format");
        if (format == null) {
            return null;
        }
        String type = format.text("type", 0, 64);
        if (type == null) {
            throw Fields.missing(format.path("type"));
        }
        return switch (type) {
            case "text" -> null;
            case "json_object" -> anyObject("response_format");
            case "json_schema" -> {
                Fields inner = format.object("json_schema");
                if (inner == null) {
                    throw Fields.missing(format.path("json_schema"));
                }
                inner.bool("strict", false);
                yield schema("response_format", inner);
            }
            default ->
                throw ApiError.badField(
                        format.path("type"),
                        "'" + format.path("type") + "' must be one of text, json_object, json_schema.");
        };
    }

    /** Returns that an answer follows the {@code schema} of a format. */
    public static Answer schema(String param, Fields format) {
        Fields schema = format.object("schema");
        if (schema == null) {
            throw Fields.missing(format.path("schema"));
        }
        return new Answer(param, object().set("schema", schema.node()));
    }

    /** Returns that an answer is a JSON object, whichever. */
    public static Answer anyObject(String param) {
        return new Answer(param, object().put("json", "object"));
    }

    private static @Nullable Answer json(Fields fields) {
        JsonNode schema = fields.get("guided_json");
        if (schema == null) {
            return null;
        }
        if (schema.isTextual()) {
            try {
                schema = MAPPER.readTree(schema.textValue());
            } catch (JsonProcessingException e) {
                throw ApiError.badField("guided_json", "'guided_json' is a string that is not JSON.");
            }
        }
        if (!(schema instanceof ObjectNode object)) {
            throw Fields.wrongType("guided_json", "a JSON Schema, or a string of one", schema);
        }
        return new Answer("guided_json", object().set("schema", object));
    }

    private static @Nullable Answer text(Fields fields, String field, String kind) {
        String text = fields.text(field, 1, 1 << 18);
        return text == null ? null : new Answer(field, object().put(kind, text));
    }

    private static @Nullable Answer choice(Fields fields) {
        JsonNode choices = fields.get("guided_choice");
        if (choices == null) {
            return null;
        }
        if (!choices.isArray() || choices.isEmpty()) {
            throw Fields.wrongType("guided_choice", "a non-empty array of strings", choices);
        }
        CommonFields.checkCount("guided_choice", choices, MOST_CHOICES);
        ArrayNode texts = JsonNodeFactory.instance.arrayNode();
        for (JsonNode choice : choices) {
            texts.add(Fields.text("guided_choice[" + texts.size() + "]", choice, 1, 1 << 16));
        }
        return new Answer("guided_choice", object().set("choice", texts));
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }
}
