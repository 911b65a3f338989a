package dev.kvasir.benchmarks.evaluation;

import dev.kvasir.benchmarks.training.Prompts;
import dev.kvasir.benchmarks.training.corpus.Conversation;
import dev.kvasir.benchmarks.training.corpus.Turn;
import dev.kvasir.benchmarks.training.corpus.Turn.Part;
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
        List<Turn> turns = Prompts.withTools(conversation);
        int last = turns.size() - 1;
        return new Question(turns.subList(0, last), turns.get(last).text());
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
