package dev.kvasir.engine.tools;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a request says of tools.
 *
 * @param tools that are offered
 * @param choice what the model may do
 * @param named the tool that must be called; null unless the choice is {@link Choice#NAMED}
 * @param parallel whether a reply may have more than one call
 */
public record ToolUse(
        List<Tool> tools, Choice choice, @Nullable String named, boolean parallel) {
    /** What the model may do. */
    public enum Choice {
        /** Answer. */
        NONE,
        /** Answer or call. */
        AUTO,
        /** Call, whichever tool. */
        REQUIRED,
        /** Call one tool. */
        NAMED
    }

    /** No tools. */
    public static final ToolUse NOTHING = new ToolUse(List.of(), Choice.NONE, null, true);

    public ToolUse {
        tools = List.copyOf(tools);
    }

    /** Returns whether calls are looked for in the reply. */
    public boolean mayCall() {
        return choice != Choice.NONE && !tools.isEmpty();
    }

    /** Returns whether the reply must be calls. */
    public boolean mustCall() {
        return choice == Choice.REQUIRED || choice == Choice.NAMED;
    }

    /** Returns the tools that may be called. */
    public List<Tool> callable() {
        return named == null
                ? tools
                : tools.stream().filter(tool -> tool.name().equals(named)).toList();
    }

    boolean isOffered(String name) {
        return callable().stream().anyMatch(tool -> tool.name().equals(name));
    }
}
