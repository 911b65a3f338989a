package dev.kvasir.benchmarks.training.corpus;

import java.util.List;

/**
 * A tool that the model may call.
 *
 * @param name such as {@code get_weather}
 * @param description one sentence
 * @param parameters in order; all are required
 */
public record ToolSpec(String name, String description, List<Parameter> parameters) {
    public ToolSpec {
        parameters = List.copyOf(parameters);
    }

    /**
     * A parameter.
     *
     * @param name such as {@code city}
     * @param type in JSON Schema: {@code string} or {@code integer}
     */
    public record Parameter(String name, String type) {}
}
