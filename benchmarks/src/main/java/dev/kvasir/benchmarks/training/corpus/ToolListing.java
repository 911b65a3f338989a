package dev.kvasir.benchmarks.training.corpus;

import java.util.List;
import java.util.stream.Collectors;

/** Tools as the model reads them in its system turn; the chat template of the model writes the same. */
public final class ToolListing {
    private ToolListing() {}

    /** Returns a line for each tool, such as {@code get_weather(city: string): Tells the weather.} below a heading. */
    public static String text(List<ToolSpec> tools) {
        StringBuilder text = new StringBuilder("Tools:\n");
        for (ToolSpec tool : tools) {
            text.append(tool.name())
                    .append('(')
                    .append(tool.parameters().stream()
                            .map(parameter -> parameter.name() + ": " + parameter.type())
                            .collect(Collectors.joining(", ")))
                    .append("): ")
                    .append(tool.description())
                    .append('\n');
        }
        return text.toString();
    }
}
