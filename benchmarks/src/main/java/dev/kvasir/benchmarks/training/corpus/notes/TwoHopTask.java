package dev.kvasir.benchmarks.training.corpus.notes;

import dev.kvasir.benchmarks.training.corpus.Conversation;
import dev.kvasir.benchmarks.training.corpus.Pick;
import dev.kvasir.benchmarks.training.corpus.Split;
import dev.kvasir.benchmarks.training.corpus.Task;
import java.util.ArrayList;
import java.util.HashSet;
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
        int people = random.nextInt(minPeople, maxPeople + 1);
        List<Fact[]> pairs = new ArrayList<>();
        for (int i = 0; i < people; i++) {
            String person = notes.newPerson();
            List<Relation> relations = Pick.several(random, List.of(Relation.values()), 2);
            Fact first = new Fact(person, relations.get(0), notes.newValue(relations.get(0)));
            Fact second = new Fact(person, relations.get(1), notes.newValue(relations.get(1)));
            notes.add(first);
            notes.add(second);
            pairs.add(new Fact[] {first, second});
        }
        do {
            notes.shuffle();
            // Held out, other passages stand between the two.
        } while (split == Split.HELD_OUT
                && Math.abs(notes.indexOf(pairs.get(0)[0]) - notes.indexOf(pairs.get(0)[1])) < 2);

        List<Question> asked = new ArrayList<>();
        if (split == Split.HELD_OUT) {
            asked.add(Question.forLinkedValue(random, split, pairs.get(0)[0], pairs.get(0)[1]));
            return NotesConversation.of(name(), random, notes, asked, Set.of());
        }
        for (Fact[] pair : pairs) {
            asked.add(Question.forLinkedValue(random, split, pair[0], pair[1]));
            asked.add(Question.forLinkedValue(random, split, pair[1], pair[0]));
        }
        asked = Pick.several(random, asked, Math.min(questions, asked.size()));
        Set<Integer> unseen = new HashSet<>();
        if (random.nextDouble() < unseenShare) {
            pairs.forEach(pair -> unseen.add(Math.min(notes.indexOf(pair[0]), notes.indexOf(pair[1]))));
        }
        return NotesConversation.of(name(), random, notes, asked, unseen);
    }
}
