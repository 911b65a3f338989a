package dev.kvasir.engine.tools;

import org.jspecify.annotations.Nullable;

/**
 * What a model's chat template says of its replies.
 *
 * @param format how it writes calls
 * @param offersTools whether the template tells the model of tools at all
 * @param reasons whether it writes what it thinks between {@code <think>} and {@code </think>}
 */
public record ReplyStyle(ToolFormat format, boolean offersTools, boolean reasons) {
    /**
     * Reads it from a template.
     *
     * @param templateSource empty for a model without one
     * @param format replaces what the template says; null for that
     */
    public static ReplyStyle of(String templateSource, @Nullable ToolFormat format) {
        return new ReplyStyle(
                format == null ? ToolFormat.of(templateSource) : format,
                templateSource.contains("tools"),
                templateSource.contains("</think>"));
    }
}
