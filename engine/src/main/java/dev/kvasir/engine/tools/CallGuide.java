package dev.kvasir.engine.tools;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.kvasir.runner.GuideSpec;
import org.jspecify.annotations.Nullable;

/** What replies with calls look like, as pieces of a {@link GuideSpec}. */
public final class CallGuide {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final int MOST_CALLS = 16;
    private static final String LINE_BREAKS = "\\n{0,2}";

    private final ToolFormat format;
    private final ToolUse use;
    private final boolean exact;

    /**
     * Creates it.
     *
     * @param exact whether arguments follow the tools' schemas; else they are any objects
     */
    public CallGuide(ToolFormat format, ToolUse use, boolean exact) {
        this.format = format;
        this.use = use;
        this.exact = exact;
    }

    /** Returns a reply of calls. */
    public ObjectNode calls() {
        return sequence(opening(), rest());
    }

    /**
     * Returns a reply that may have calls, or is what {@code answer} says.
     *
     * @param answer null for any text; calls may come behind some, then
     * @return null if the format doesn't say where a call begins
     */
    public @Nullable ObjectNode maybeCalls(@Nullable ObjectNode answer) {
        if (answer != null) {
            return oneOf(answer, calls());
        }
        if (format != ToolFormat.HERMES && format != ToolFormat.MISTRAL) {
            return null;
        }
        ObjectNode free = JSON.objectNode().put("without", format.trigger());
        return oneOf(free, sequence(free, opening(), rest()));
    }

    /** Returns a reply that may think first. */
    public static ObjectNode thinking(ObjectNode reply, boolean hasBegun) {
        ObjectNode thought =
                sequence(JSON.objectNode().put("without", "</think>"), control("</think>"), regex("\\n{0,2}"));
        if (hasBegun) {
            return sequence(thought, reply);
        }
        ObjectNode whole = sequence(control("<think>"), thought);
        return sequence(repeat(whole, 0, 1), reply);
    }

    private ObjectNode opening() {
        return switch (format) {
            case HERMES -> control(format.trigger());
            case MISTRAL -> sequence(control(format.trigger()), text("["));
            case LLAMA, JSON -> text("");
        };
    }

    /** Returns what follows the opening of the first call. */
    private ObjectNode rest() {
        ObjectNode one =
                switch (format) {
                    case HERMES -> sequence(regex(LINE_BREAKS), call(), regex(LINE_BREAKS), control("</tool_call>"));
                    case MISTRAL, LLAMA, JSON -> call();
                };
        ObjectNode all = one;
        if (use.parallel() && use.choice() != ToolUse.Choice.NAMED) {
            ObjectNode more =
                    switch (format) {
                        case HERMES -> sequence(regex(LINE_BREAKS), control(format.trigger()), one);
                        case MISTRAL -> sequence(text(", "), one);
                        case LLAMA -> sequence(text("; "), one);
                        case JSON -> sequence(text("\n"), one);
                    };
            all = sequence(one, repeat(more, 0, MOST_CALLS - 1));
        }
        return format == ToolFormat.MISTRAL ? sequence(all, text("]")) : all;
    }

    private ObjectNode call() {
        ArrayNode calls = JSON.arrayNode();
        for (Tool tool : use.callable()) {
            String begin = "{\"name\": " + TextNode.valueOf(tool.name()) + ", \"" + format.argumentsKey() + "\": ";
            ObjectNode arguments = tool.parameters() != null && exact
                    ? JSON.objectNode().set("schema", withType(tool.parameters()))
                    : JSON.objectNode().put("json", "object");
            calls.add(sequence(text(begin), arguments, text("}")));
        }
        return JSON.objectNode().set("oneOf", calls);
    }

    /** Arguments are an object, whatever their schema leaves open. */
    private static JsonNode withType(ObjectNode parameters) {
        return parameters.has("type") || parameters.has("$ref") || parameters.has("anyOf")
                ? parameters
                : parameters.deepCopy().put("type", "object");
    }

    private static ObjectNode control(String text) {
        return JSON.objectNode().put("control", text);
    }

    private static ObjectNode text(String text) {
        return JSON.objectNode().put("text", text);
    }

    private static ObjectNode regex(String regex) {
        return JSON.objectNode().put("regex", regex);
    }

    private static ObjectNode repeat(ObjectNode piece, int min, int max) {
        ObjectNode repeat = JSON.objectNode();
        repeat.set("repeat", piece);
        return repeat.put("min", min).put("max", max);
    }

    private static ObjectNode oneOf(ObjectNode... pieces) {
        return list("oneOf", pieces);
    }

    private static ObjectNode sequence(ObjectNode... pieces) {
        return list("sequence", pieces);
    }

    private static ObjectNode list(String kind, ObjectNode... pieces) {
        ObjectNode node = JSON.objectNode();
        ArrayNode array = node.putArray(kind);
        for (ObjectNode piece : pieces) {
            array.add(piece);
        }
        return node;
    }
}
