package dev.kvasir.engine.openai;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;

/**
 * Fields that would change the answer in a way this server can't. A value that asks for nothing is let through, since client
 * libraries send such values unasked.
 */
public final class RefusedFields {
    /** Field to the one text that asks for nothing; {@code ""} where an empty array, object or text does. */
    private static final Map<String, List<String>> HARMLESS = Map.ofEntries(
            Map.entry("functions", List.of()),
            Map.entry("function_call", List.of("none", "auto")),
            Map.entry("audio", List.of()),
            Map.entry("modalities", List.of()),
            Map.entry("moderation", List.of()),
            Map.entry("prediction", List.of()),
            Map.entry("web_search_options", List.of()),
            Map.entry("suffix", List.of("")),
            Map.entry("prompt_embeds", List.of()),
            Map.entry("use_beam_search", List.of()));

    /** These are for chats. */
    private static final Map<String, List<String>> HARMLESS_TO_COMPLETIONS =
            Map.of("tools", List.of(), "tool_choice", List.of("none", "auto"));

    private RefusedFields() {}

    static void check(Fields fields) {
        check(fields, HARMLESS);
    }

    static void checkCompletion(Fields fields) {
        check(fields, HARMLESS);
        check(fields, HARMLESS_TO_COMPLETIONS);
    }

    /**
     * Checks that fields ask for nothing.
     *
     * @param harmless field to the texts that ask for nothing
     */
    public static void check(Fields fields, Map<String, List<String>> harmless) {
        for (Map.Entry<String, List<String>> field : harmless.entrySet()) {
            String name = field.getKey();
            JsonNode node = fields.get(name);
            if (node != null && !isHarmless(name, node, field.getValue())) {
                throw ApiError.unsupported(name, "'" + name + "' is not supported by this server.");
            }
        }
    }

    private static boolean isHarmless(String name, JsonNode node, List<String> texts) {
        if (node.isTextual()) {
            return texts.contains(node.textValue());
        }
        if (node.isBoolean()) {
            return !node.booleanValue();
        }
        return switch (name) {
            case "modalities" -> node.size() == 1 && "text".equals(node.path(0).textValue());
            default -> node.isContainerNode() && node.isEmpty();
        };
    }
}
