package dev.kvasir.benchmarks.training.corpus.notes;

import dev.kvasir.benchmarks.training.corpus.Conversation;
import dev.kvasir.benchmarks.training.corpus.Role;
import dev.kvasir.benchmarks.training.corpus.Turn;
import dev.kvasir.benchmarks.training.corpus.Turn.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Puts notes and questions about them into a conversation. */
final class NotesConversation {
    private static final String SYSTEM = "Answer from the notes.";

    private NotesConversation() {}

    /** The first question stands below the notes, further ones are turns of their own. */
    static Conversation of(
            String task, RandomGenerator random, Notebook notes, List<Question> questions, Set<Integer> unseen) {
        List<Turn> turns = new ArrayList<>();
        if (random.nextInt(4) == 0) {
            turns.add(Turn.of(Role.SYSTEM, SYSTEM));
        }
        List<Part> first = new ArrayList<>(notes.passages());
        first.add(part(questions.get(0)));
        turns.add(new Turn(Role.USER, first));
        turns.add(Turn.of(Role.ASSISTANT, questions.get(0).answer()));
        for (Question question : questions.subList(1, questions.size())) {
            turns.add(new Turn(Role.USER, List.of(part(question))));
            turns.add(Turn.of(Role.ASSISTANT, question.answer()));
        }
        return new Conversation(task, List.of(), turns, unseen);
    }

    private static Part part(Question question) {
        return new Part(question.text(), Part.NO_PASSAGE, question.hints());
    }
}
