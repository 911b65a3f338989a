package dev.kvasir.engine.responses;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.kvasir.engine.openai.ApiError;
import dev.kvasir.engine.openai.CommonFields;
import dev.kvasir.engine.openai.Fields;
import dev.kvasir.engine.openai.PlainValues;
import dev.kvasir.engine.openai.ToolOffer;
import dev.kvasir.engine.tools.Tool;
import dev.kvasir.engine.tools.ToolUse;
import dev.kvasir.engine.tools.ToolUse.Choice;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a request says of tools.
 *
 * @param forTemplate the tools as a chat template reads them
 * @param tools as the response repeats them
 * @param choice as the response repeats it
 */
record ResponseTools(ToolUse use, List<Map<String, Object>> forTemplate, ArrayNode tools, JsonNode choice) {
    static ResponseTools of(Fields fields) {
        ToolOffer offer = new ToolOffer();
        ArrayNode repeated = JsonNodeFactory.instance.arrayNode();
        ToolOffer.forEach(fields, tool -> repeated.add(tool(offer, tool)));
        boolean parallel = fields.bool("parallel_tool_calls", true);
        JsonNode choice = fields.get("tool_choice");
        return new ResponseTools(
                use(fields, offer, parallel),
                offer.forTemplate(),
                repeated,
                choice == null ? TextNode.valueOf("auto") : choice.deepCopy());
    }

    private static ObjectNode tool(ToolOffer offer, Fields tool) {
        String type = tool.text("type", 0, 64);
        if (type == null) {
            throw Fields.missing(tool.path("type"));
        }
        if (!type.equals("function")) {
            throw ApiError.unsupported(
                    tool.path("type"), "Tools of type '" + type + "' are not supported by this server.");
        }
        Fields parameters = tool.object("parameters");
        boolean strict = tool.bool("strict", false);
        ObjectNode function = JsonNodeFactory.instance.objectNode();
        for (String name : List.of("name", "description", "parameters")) {
            if (tool.get(name) != null) {
                function.set(name, tool.get(name));
            }
        }
        ObjectNode chatTool = JsonNodeFactory.instance.objectNode().put("type", "function");
        chatTool.set("function", function);
        offer.add(tool, parameters, strict, PlainValues.map(chatTool));
        ObjectNode repeated = function.deepCopy().put("type", "function").put("strict", strict);
        if (parameters == null) {
            repeated.putNull("parameters");
        }
        return repeated;
    }

    private static ToolUse use(Fields fields, ToolOffer offer, boolean parallel) {
        List<Tool> tools = offer.tools();
        JsonNode node = fields.get("tool_choice");
        if (node == null) {
            return tools.isEmpty() ? ToolUse.NOTHING : new ToolUse(tools, Choice.AUTO, null, parallel);
        }
        if (node.isTextual()) {
            return new ToolUse(tools, mode("tool_choice", node.textValue(), tools), null, parallel);
        }
        Fields choice = fields.object("tool_choice");
        String type = choice == null ? null : choice.text("type", 0, 64);
        if (choice == null || type == null) {
            throw Fields.missing("tool_choice.type");
        }
        return switch (type) {
            case "function" -> new ToolUse(tools, Choice.NAMED, offered(choice, offer), parallel);
            case "allowed_tools" -> allowed(choice, offer, parallel);
            default ->
                throw ApiError.unsupported(
                        choice.path("type"), "A 'tool_choice' of type '" + type + "' is not supported by this server.");
        };
    }

    /** The model is told of all tools, and may call some. */
    private static ToolUse allowed(Fields choice, ToolOffer offer, boolean parallel) {
        JsonNode list = choice.get("tools");
        if (list == null || !list.isArray() || list.isEmpty()) {
            throw ApiError.badField(choice.path("tools"), "'" + choice.path("tools") + "' must name tools.");
        }
        CommonFields.checkCount(choice.path("tools"), list, ToolOffer.MOST_TOOLS);
        List<String> names = new ArrayList<>();
        for (JsonNode item : list) {
            String path = choice.path("tools") + "[" + names.size() + "]";
            if (!(item instanceof ObjectNode object)) {
                throw Fields.wrongType(path, "an object", item);
            }
            names.add(offered(new Fields(object, path + "."), offer));
        }
        List<Tool> tools = offer.tools().stream()
                .filter(tool -> names.contains(tool.name()))
                .toList();
        String mode = choice.text("mode", 0, 64);
        return new ToolUse(tools, mode(choice.path("mode"), mode == null ? "auto" : mode, tools), null, parallel);
    }

    private static String offered(Fields choice, ToolOffer offer) {
        String name = choice.text("name", 1, 64);
        if (name == null) {
            throw Fields.missing(choice.path("name"));
        }
        if (!offer.has(name)) {
            throw ApiError.badField(
                    choice.path("name"), "'tool_choice' names '" + name + "', which is none of the 'tools'.");
        }
        return name;
    }

    private static Choice mode(String path, @Nullable String mode, List<Tool> tools) {
        Choice choice =
                switch (String.valueOf(mode)) {
                    case "none" -> Choice.NONE;
                    case "auto" -> Choice.AUTO;
                    case "required" -> Choice.REQUIRED;
                    default ->
                        throw ApiError.badField(
                                path, "'" + path + "' must be one of none, auto, required, or an object.");
                };
        if (choice == Choice.REQUIRED && tools.isEmpty()) {
            throw ApiError.badField(path, "'" + path + "' is 'required', and there are no 'tools'.");
        }
        return choice;
    }
}
