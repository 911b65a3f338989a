package dev.kvasir.benchmarks.training.corpus;

import java.util.List;

/**
 * A tool that the model may call.
 *
 * @param name such as {@code get_weather}
 * @param description one sentence
 * @param parameters in order; all are required
 * @param topic one token that training hints at, for what the tool does; empty: none
 */
public record ToolSpec(String name, String description, List<Parameter> parameters, String topic) {
    public ToolSpec {
        parameters = List.copyOf(parameters);
    }

    /** A tool that nothing is hinted of. */
    public ToolSpec(String name, String description, List<Parameter> parameters) {
        this(name, description, parameters, "");
    }

    /**
     * A parameter.
     *
     * @param name such as {@code city}
     * @param type in JSON Schema: {@code string} or {@code integer}
     */
    public record Parameter(String name, String type) {}
}
