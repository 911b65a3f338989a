package dev.kvasir.engine.openai;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.engine.tools.Tool;
import dev.kvasir.engine.tools.ToolUse;
import dev.kvasir.engine.tools.ToolUse.Choice;
import java.util.List;
import java.util.Map;

/** The fields of a chat request that say what tools there are and whether to call them. */
final class ToolFields {
    private ToolFields() {}

    /**
     * What these fields say.
     *
     * @param forTemplate the tools as a chat template reads them
     */
    record Tools(ToolUse use, List<Map<String, Object>> forTemplate) {}

    static Tools of(Fields fields) {
        ToolOffer offer = new ToolOffer();
        ToolOffer.forEach(fields, item -> tool(offer, item));
        boolean parallel = fields.bool("parallel_tool_calls", true);
        return new Tools(choice(fields, offer.tools(), parallel), offer.forTemplate());
    }

    private static void tool(ToolOffer offer, Fields fields) {
        String type = fields.text("type", 0, 64);
        if (type == null || !type.equals("function")) {
            throw type == null
                    ? Fields.missing(fields.path("type"))
                    : ApiError.unsupported(fields.path("type"), "Tools of type '" + type + "' are not supported.");
        }
        Fields function = fields.object("function");
        if (function == null) {
            throw Fields.missing(fields.path("function"));
        }
        offer.add(
                function,
                function.object("parameters"),
                function.bool("strict", false),
                PlainValues.map(fields.node()));
    }

    private static ToolUse choice(Fields fields, List<Tool> tools, boolean parallel) {
        JsonNode node = fields.get("tool_choice");
        if (node == null) {
            return tools.isEmpty() ? ToolUse.NOTHING : new ToolUse(tools, Choice.AUTO, null, parallel);
        }
        if (node.isTextual()) {
            Choice choice =
                    switch (node.textValue()) {
                        case "none" -> Choice.NONE;
                        case "auto" -> Choice.AUTO;
                        case "required" -> Choice.REQUIRED;
                        default ->
                            throw ApiError.badField(
                                    "tool_choice",
                                    "'tool_choice' must be one of none, auto, required, or an object that names a tool.");
                    };
            if (choice == Choice.REQUIRED && tools.isEmpty()) {
                throw ApiError.badField("tool_choice", "'tool_choice' is 'required', and there are no 'tools'.");
            }
            return new ToolUse(tools, choice, null, parallel);
        }
        Fields choice = fields.object("tool_choice");
        Fields function = choice == null ? null : choice.object("function");
        String name = function == null ? null : function.text("name", 0, 64);
        if (name == null) {
            throw Fields.missing("tool_choice.function.name");
        }
        if (tools.stream().noneMatch(tool -> tool.name().equals(name))) {
            throw ApiError.badField(
                    "tool_choice.function.name", "'tool_choice' names '" + name + "', which is none of the 'tools'.");
        }
        return new ToolUse(tools, Choice.NAMED, name, parallel);
    }
}
