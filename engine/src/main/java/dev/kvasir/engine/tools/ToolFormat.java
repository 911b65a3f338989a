package dev.kvasir.engine.tools;

/** How models write calls. */
public enum ToolFormat {
    /** {@code <tool_call>{"name": .., "arguments": {..}}</tool_call>}, any number of these: Hermes, Qwen2.5, Qwen3, kvasir-mini. */
    HERMES("<tool_call>", "arguments"),
    /** {@code {"name": .., "parameters": {..}}} as the whole reply, more than one with semicolons between: Llama 3.x. */
    LLAMA("<|python_tag|>", "parameters"),
    /** {@code [TOOL_CALLS][{"name": .., "arguments": {..}}, ..]}, or {@code [TOOL_CALLS]name[ARGS]{..}}: Mistral. */
    MISTRAL("[TOOL_CALLS]", "arguments"),
    /** One JSON object with name and arguments as the whole reply, or an array of these. */
    JSON("", "arguments");

    private final String trigger;
    private final String argumentsKey;

    ToolFormat(String trigger, String argumentsKey) {
        this.trigger = trigger;
        this.argumentsKey = argumentsKey;
    }

    /** Returns what a call begins with, be it a special token; empty if that is an ordinary brace. */
    public String trigger() {
        return trigger;
    }

    /** Returns the name under which this family's models give arguments. */
    String argumentsKey() {
        return argumentsKey;
    }

    /** Returns the format that a chat template tells its model to use. */
    public static ToolFormat of(String templateSource) {
        if (templateSource.contains("[TOOL_CALLS]")) {
            return MISTRAL;
        }
        if (templateSource.contains("<tool_call>")) {
            return HERMES;
        }
        boolean isLlama = templateSource.contains("<|python_tag|>") || templateSource.contains("\"parameters\": ");
        return isLlama ? LLAMA : JSON;
    }
}
