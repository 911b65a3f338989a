package dev.kvasir.benchmarks.training.corpus.notes;

import dev.kvasir.benchmarks.training.corpus.Conversation;
import dev.kvasir.benchmarks.training.corpus.Pick;
import dev.kvasir.benchmarks.training.corpus.Split;
import dev.kvasir.benchmarks.training.corpus.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Questions that one passage answers.
 *
 * @param minNotes fewest passages
 * @param maxNotes most passages, at most 20
 * @param questions how many are asked of the same notes in training; held out it is one
 */
public record OnePassageTask(int minNotes, int maxNotes, int questions) implements Task {
    public OnePassageTask {
        Notebook.checkRange(minNotes, maxNotes, 1);
    }

    @Override
    public String name() {
        return "one-passage";
    }

    @Override
    public Conversation next(RandomGenerator random, Split split) {
        Notebook notes = new Notebook(random, split);
        int count = random.nextInt(minNotes, maxNotes + 1);
        notes.addPeople(count);
        List<Question> asked = new ArrayList<>();
        int turns = split == Split.TRAINING ? Math.min(questions, count) : 1;
        for (Fact fact : Pick.several(random, notes.facts(), turns)) {
            asked.add(
                    random.nextBoolean()
                            ? Question.forValue(random, split, fact)
                            : Question.forPerson(random, split, fact));
        }
        return NotesConversation.of(name(), random, notes, asked, Set.of());
    }
}
