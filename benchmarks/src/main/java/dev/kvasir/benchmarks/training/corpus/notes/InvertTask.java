package dev.kvasir.benchmarks.training.corpus.notes;

import dev.kvasir.benchmarks.training.corpus.Conversation;
import dev.kvasir.benchmarks.training.corpus.Split;
import dev.kvasir.benchmarks.training.corpus.Task;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Notes to be told from the end, what is said before of whom: every name has to be found by the word that stands behind it in a note. Many
 * such lookups in one reply teach what "Who has the key?" asks once.
 *
 * @param minNotes fewest passages
 * @param maxNotes most passages, at most 20
 */
public record InvertTask(int minNotes, int maxNotes) implements Task {
    public InvertTask {
        Notebook.checkRange(minNotes, maxNotes, 1);
    }

    @Override
    public String name() {
        return "invert";
    }

    @Override
    public Conversation next(RandomGenerator random, Split split) {
        Notebook notes = new Notebook(random, split);
        int count = random.nextInt(minNotes, maxNotes + 1);
        notes.addPeople(count);
        StringBuilder told = new StringBuilder("From the end:");
        for (int i = count - 1; i >= 0; i--) {
            Fact fact = notes.facts().get(i);
            told.append(' ').append(fact.relation().answerWho(fact.value(), fact.person()));
        }
        Question all = new Question("What and who, from the end?", told.toString());
        return NotesConversation.of(name(), random, notes, List.of(all), Set.of());
    }
}
