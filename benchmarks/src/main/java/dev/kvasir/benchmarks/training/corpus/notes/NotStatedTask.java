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
 * Questions that the notes don't answer, in training among others that they do. What is missing: the person, the value, what is asked
 * about a person who is there, or one of the two links of a two-hop question.
 *
 * @param minNotes fewest passages, at least 2
 * @param maxNotes most passages, at most 20
 * @param questions how many are asked of the same notes in training; held out it is one
 */
public record NotStatedTask(int minNotes, int maxNotes, int questions) implements Task {
    public NotStatedTask {
        Notebook.checkRange(minNotes, maxNotes, 2);
    }

    @Override
    public String name() {
        return "not-stated";
    }

    @Override
    public Conversation next(RandomGenerator random, Split split) {
        Notebook notes = new Notebook(random, split);
        int count = random.nextInt(minNotes, maxNotes + 1);
        while (notes.facts().size() < count) {
            String person = notes.newPerson();
            List<Relation> relations = Pick.several(
                    random,
                    List.of(Relation.values()),
                    1 + random.nextInt(Math.min(2, count - notes.facts().size())));
            relations.forEach(relation -> notes.add(new Fact(person, relation, notes.newValue(relation))));
        }
        notes.shuffle();
        List<Question> asked = new ArrayList<>();
        asked.add(missing(random, split, notes));
        while (split == Split.TRAINING && asked.size() < questions) {
            Fact fact = Pick.one(random, notes.facts());
            asked.add(
                    switch (random.nextInt(6)) {
                        case 0 -> Question.forValue(random, split, fact);
                        case 1 -> Question.forPerson(random, split, fact);
                        case 2 -> linked(random, split, notes);
                        default -> missing(random, split, notes);
                    });
        }
        return NotesConversation.of(
                name(), random, notes, split == Split.TRAINING ? Pick.shuffled(random, asked) : asked, Set.of());
    }

    /** Returns a question over two notes that is answered, or else one that isn't. */
    private static Question linked(RandomGenerator random, Split split, Notebook notes) {
        Fact fact = Pick.one(random, notes.facts());
        return notes.facts().stream()
                .filter(other -> other.person().equals(fact.person()) && !other.equals(fact))
                .findFirst()
                .map(other -> Question.forLinkedValue(random, split, fact, other))
                .orElseGet(() -> missing(random, split, notes));
    }

    /** Returns a question that the notes don't answer. */
    static Question missing(RandomGenerator random, Split split, Notebook notes) {
        Fact known = Pick.one(random, notes.facts());
        Relation relation = Pick.one(random, Relation.values());
        Fact absent = new Fact(notes.newPerson(), relation, notes.newValue(relation));
        Question question =
                switch (random.nextInt(4)) {
                    case 0 -> Question.forMissingValue(random, split, absent);
                    case 1 -> Question.forMissingPerson(random, split, absent);
                    case 2 -> Question.forMissingValue(random, split, unsaid(random, notes, known));
                    default ->
                        random.nextBoolean()
                                ? Question.forLinkedValue(random, split, known, unsaid(random, notes, known))
                                : Question.forLinkedValue(random, split, absent, unsaid(random, notes, absent));
                };
        return question.notStated();
    }

    /** Returns something that no note says of the person of the fact. */
    private static Fact unsaid(RandomGenerator random, Notebook notes, Fact about) {
        List<Relation> open = new ArrayList<>(List.of(Relation.values()));
        open.remove(about.relation());
        notes.facts().stream()
                .filter(fact -> fact.person().equals(about.person()))
                .forEach(fact -> open.remove(fact.relation()));
        return new Fact(about.person(), Pick.one(random, open), "nothing");
    }
}
