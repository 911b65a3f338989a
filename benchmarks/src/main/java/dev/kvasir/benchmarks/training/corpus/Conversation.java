package dev.kvasir.benchmarks.training.corpus;

import java.util.List;
import java.util.Set;

/**
 * A conversation to learn from, or to be judged by.
 *
 * @param task the name of the task that made it
 * @param tools that the model is offered; empty: none
 * @param turns at most one system turn, first; the last is the assistant's
 * @param unseenPassages passages that what follows the last passage can't attend to, while other passages can. Training only: what
 *     they say reaches an answer only by way of a later passage, so the model learns to relate passages while it reads them
 */
public record Conversation(String task, List<ToolSpec> tools, List<Turn> turns, Set<Integer> unseenPassages) {
    public Conversation {
        tools = List.copyOf(tools);
        turns = List.copyOf(turns);
        unseenPassages = Set.copyOf(unseenPassages);
        if (turns.isEmpty() || turns.get(turns.size() - 1).role() != Role.ASSISTANT) {
            throw new IllegalArgumentException(task + ": a conversation ends with the assistant");
        }
    }

    /** Returns a conversation without tools in which everything earlier is seen. */
    public static Conversation of(String task, List<Turn> turns) {
        return new Conversation(task, List.of(), turns, Set.of());
    }
}
