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
 * Questions that need two passages: one tells who is meant, another what is asked about that person. Every person has two notes, so
 * that no question can be answered by kind alone.
 *
 * @param minPeople fewest people, with two passages each
 * @param maxPeople most people, at most 20
 * @param questions how many are asked of the same notes in training; held out it is one
 * @param unseenShare how often, in training, the earlier passage of each pair is unseen by the questions
 */
public record TwoHopTask(int minPeople, int maxPeople, int questions, double unseenShare) implements Task {
    /** So often another question stands among those over two notes. */
    private static final int OTHER_EVERY = 6;

    public TwoHopTask {
        // Two people: between the notes of one there is room for those of the other.
        Notebook.checkRange(minPeople, maxPeople, 2);
    }

    @Override
    public String name() {
        return "two-hop";
    }

    @Override
    public Conversation next(RandomGenerator random, Split split) {
        Notebook notes = new Notebook(random, split);
        // Held out, all have notes of the same two kinds: then a guess among the values of the right kind is rarely
        // right.
        List<Pair> pairs = notes.addPairs(
                random.nextInt(minPeople, maxPeople + 1), split == Split.HELD_OUT || random.nextBoolean());
        do {
            notes.shuffle();
            // Held out, other passages stand between the two.
        } while (split == Split.HELD_OUT
                && Math.abs(notes.indexOf(pairs.get(0).first())
                                - notes.indexOf(pairs.get(0).second()))
                        < 2);

        List<Question> asked = new ArrayList<>();
        if (split == Split.HELD_OUT) {
            asked.add(Question.forLinkedValue(
                    random, split, pairs.get(0).first(), pairs.get(0).second()));
            return NotesConversation.of(name(), random, notes, asked, Set.of());
        }
        Set<Integer> unseen = random.nextDouble() < unseenShare ? notes.earlierOf(pairs) : Set.of();
        for (Pair pair : pairs) {
            asked.add(Question.forLinkedValue(random, split, pair.first(), pair.second()));
            asked.add(Question.forLinkedValue(random, split, pair.second(), pair.first()));
        }
        asked = new ArrayList<>(Pick.several(random, asked, Math.min(questions, asked.size())));
        for (int i = 0; i < asked.size(); i++) {
            if (random.nextInt(OTHER_EVERY) == 0) {
                asked.set(i, other(random, notes, unseen));
            }
        }
        return NotesConversation.of(name(), random, notes, asked, unseen);
    }

    /** Returns a question that one note answers which is seen, or none. */
    private static Question other(RandomGenerator random, Notebook notes, Set<Integer> unseen) {
        Fact fact = Pick.one(random, notes.facts());
        if (unseen.contains(notes.indexOf(fact))) {
            return NotStatedTask.missing(random, Split.TRAINING, notes);
        }
        return random.nextBoolean()
                ? Question.forValue(random, Split.TRAINING, fact)
                : Question.forPerson(random, Split.TRAINING, fact);
    }
}
