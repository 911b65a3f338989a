package dev.kvasir.engine.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.tools.Tool;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The tools that a request offers, as they are read, with what a chat template reads of them. */
public final class ToolOffer {
    public static final int MOST_TOOLS = 128;
    private static final int MOST_DESCRIPTION_CHARS = 1 << 16;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");

    private final List<Tool> tools = new ArrayList<>();
    private final List<Map<String, Object>> forTemplate = new ArrayList<>();
    private final Set<String> names = new HashSet<>();

    /**
     * Reads {@code tools}, if they are there, one by one.
     *
     * @throws ApiError if it isn't an array of objects, or has too many
     */
    public static void forEach(Fields fields, Consumer<Fields> tool) {
        JsonNode node = fields.get("tools");
        if (node == null) {
            return;
        }
        if (!node.isArray()) {
            throw Fields.wrongType("tools", "an array of tools", node);
        }
        CommonFields.checkCount("tools", node, MOST_TOOLS);
        int i = 0;
        for (JsonNode item : node) {
            String path = "tools[" + i++ + "]";
            if (!(item instanceof ObjectNode object)) {
                throw Fields.wrongType(path, "an object", item);
            }
            tool.accept(new Fields(object, path + "."));
        }
    }

    /**
     * Adds a tool.
     *
     * @param fields that have its {@code name} and {@code description}
     * @param parameters JSON Schema of its arguments; null for any object
     * @param template the tool as a chat template reads it: {@code type}, and {@code function} with name, description and parameters
     * @throws ApiError if its name won't do
     */
    public void add(Fields fields, @Nullable Fields parameters, boolean strict, Map<String, Object> template) {
        String name = fields.text("name", 0, Integer.MAX_VALUE);
        if (name == null) {
            throw Fields.missing(fields.path("name"));
        }
        if (!NAME.matcher(name).matches()) {
            throw ApiError.badField(
                    fields.path("name"),
                    "'" + fields.path("name") + "' must have 1 to 64 letters, digits, '_' and '-'.");
        }
        fields.text("description", 0, MOST_DESCRIPTION_CHARS);
        if (!names.add(name)) {
            throw ApiError.badField(fields.path("name"), "There are two tools named '" + name + "'.");
        }
        tools.add(new Tool(name, parameters == null ? null : parameters.node(), strict));
        forTemplate.add(template);
    }

    /** Returns whether there is a tool of this name. */
    public boolean has(String name) {
        return names.contains(name);
    }

    public List<Tool> tools() {
        return tools;
    }

    /** Returns the tools as a chat template reads them. */
    public List<Map<String, Object>> forTemplate() {
        return forTemplate;
    }
}
