package dev.kvasir.engine.anthropic;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.openai.ApiError;
import dev.kvasir.engine.openai.Fields;
import dev.kvasir.engine.openai.PlainValues;
import dev.kvasir.engine.openai.ToolOffer;
import dev.kvasir.engine.tools.ToolUse;
import dev.kvasir.engine.tools.ToolUse.Choice;
import java.util.List;
import java.util.Map;

/**
 * What a request says of tools.
 *
 * @param forTemplate the tools as a chat template reads them
 */
record MessageTools(ToolUse use, List<Map<String, Object>> forTemplate) {
    static MessageTools of(Fields fields) {
        ToolOffer offer = new ToolOffer();
        ToolOffer.forEach(fields, tool -> tool(offer, tool));
        return new MessageTools(use(fields, offer), offer.forTemplate());
    }

    private static void tool(ToolOffer offer, Fields tool) {
        String type = tool.text("type", 0, 64);
        if (type != null && !type.equals("custom")) {
            throw ApiError.unsupported(
                    tool.path("type"), "Tools of type '" + type + "' are not supported by this server.");
        }
        Fields schema = tool.object("input_schema");
        if (schema == null) {
            throw Fields.missing(tool.path("input_schema"));
        }
        ObjectNode chatTool = JsonNodeFactory.instance.objectNode().put("type", "function");
        ObjectNode function = chatTool.putObject("function");
        for (String name : List.of("name", "description")) {
            if (tool.get(name) != null) {
                function.set(name, tool.get(name));
            }
        }
        function.set("parameters", schema.node());
        offer.add(tool, schema, tool.bool("strict", false), PlainValues.map(chatTool));
    }

    private static ToolUse use(Fields fields, ToolOffer offer) {
        Fields choice = fields.object("tool_choice");
        if (choice == null) {
            return offer.tools().isEmpty() ? ToolUse.NOTHING : new ToolUse(offer.tools(), Choice.AUTO, null, true);
        }
        String type = choice.text("type", 0, 64);
        if (type == null) {
            throw Fields.missing(choice.path("type"));
        }
        boolean parallel = !choice.bool("disable_parallel_tool_use", false);
        Choice mode =
                switch (type) {
                    case "none" -> Choice.NONE;
                    case "auto" -> Choice.AUTO;
                    case "any" -> Choice.REQUIRED;
                    case "tool" -> Choice.NAMED;
                    default ->
                        throw ApiError.badField(
                                choice.path("type"),
                                "'" + choice.path("type") + "' must be one of auto, any, tool, none.");
                };
        if (mode == Choice.REQUIRED && offer.tools().isEmpty()) {
            throw ApiError.badField(choice.path("type"), "'tool_choice' is 'any', and there are no 'tools'.");
        }
        String name = choice.text("name", 1, 64);
        if (mode == Choice.NAMED) {
            if (name == null) {
                throw Fields.missing(choice.path("name"));
            }
            if (!offer.has(name)) {
                throw ApiError.badField(
                        choice.path("name"), "'tool_choice' names '" + name + "', which is none of the 'tools'.");
            }
        }
        return new ToolUse(offer.tools(), mode, mode == Choice.NAMED ? name : null, parallel);
    }
}
