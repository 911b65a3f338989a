package dev.kvasir.benchmarks.training.corpus;

import dev.kvasir.benchmarks.training.corpus.Hint.Kind;
import dev.kvasir.benchmarks.training.corpus.Turn.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Tools as the model reads them in its system turn; the chat template of the model writes the same. */
public final class ToolListing {
    private ToolListing() {}

    /** Returns the listing as a part of a turn, with hints at the names: what each tool is for. */
    public static Part part(String before, List<ToolSpec> tools) {
        String text = before + text(tools);
        List<Hint> hints = new ArrayList<>();
        for (ToolSpec tool : tools) {
            if (!tool.topic().isEmpty()) {
                int name = text.indexOf("{\"name\": \"" + tool.name() + '"') + "{\"name\": \"".length();
                hints.add(new Hint(name + firstPiece(tool.name()).length(), Kind.PERSON, tool.topic()));
            }
        }
        return new Part(text, Part.NO_PASSAGE, hints);
    }

    /** Returns the word that a name begins with. */
    public static String firstPiece(String name) {
        int end = name.indexOf('_');
        return end < 0 ? name : name.substring(0, end);
    }

    /**
     * Returns a line for each tool below a heading: what it does, then a call as the assistant would write it, with types for values, such as
     * {@code Tells the weather. {"name": "get_weather", "arguments": {"city": string}}}.
     */
    public static String text(List<ToolSpec> tools) {
        StringBuilder text = new StringBuilder("Tools:\n");
        for (ToolSpec tool : tools) {
            text.append(tool.description())
                    .append(" {\"name\": \"")
                    .append(tool.name())
                    .append("\", \"arguments\": {")
                    .append(tool.parameters().stream()
                            .map(parameter -> '"' + parameter.name() + "\": " + parameter.type())
                            .collect(Collectors.joining(", ")))
                    .append("}}\n");
        }
        return text.toString();
    }
}
