package dev.kvasir.benchmarks.evaluation;

import dev.kvasir.benchmarks.training.corpus.Conversation;
import dev.kvasir.benchmarks.training.corpus.Role;
import dev.kvasir.benchmarks.training.corpus.ToolListing;
import dev.kvasir.benchmarks.training.corpus.Turn;
import dev.kvasir.benchmarks.training.corpus.Turn.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A question.
 *
 * @param prompt the conversation before the reply
 * @param expected the reply that is right
 */
public record Question(List<Turn> prompt, String expected) {
    public Question {
        prompt = List.copyOf(prompt);
        if (prompt.isEmpty() || expected.isBlank()) {
            throw new IllegalArgumentException("no question: " + prompt.size() + " turns, expected '" + expected + "'");
        }
    }

    /**
     * Takes the last turn of a conversation for the expected reply. Tools become part of the system turn, as in the prompts that the model was
     * trained on, since not every server takes them apart from the messages.
     */
    static Question of(Conversation conversation) {
        List<Turn> turns = conversation.turns();
        List<Turn> prompt = new ArrayList<>(turns.subList(0, turns.size() - 1));
        if (!conversation.tools().isEmpty()) {
            List<Part> system = new ArrayList<>();
            String separator = "";
            if (!prompt.isEmpty() && prompt.get(0).role() == Role.SYSTEM) {
                system.addAll(prompt.remove(0).parts());
                separator = "\n";
            }
            system.add(new Part(separator + ToolListing.text(conversation.tools()), Part.NO_PASSAGE));
            prompt.add(0, new Turn(Role.SYSTEM, system));
        }
        return new Question(prompt, turns.get(turns.size() - 1).text());
    }

    /** Returns whether any part of the prompt is a passage. */
    boolean hasPassages() {
        return prompt.stream()
                .flatMap(turn -> turn.parts().stream())
                .anyMatch(part -> part.passage() != Part.NO_PASSAGE);
    }

    /** Returns the prompt as a human reads it. */
    String promptText() {
        return prompt.stream()
                .map(turn -> turn.role().apiName() + ": " + turn.text())
                .collect(Collectors.joining("\n"));
    }
}
