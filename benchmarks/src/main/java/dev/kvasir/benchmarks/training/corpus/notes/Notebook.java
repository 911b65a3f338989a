package dev.kvasir.benchmarks.training.corpus.notes;

import dev.kvasir.benchmarks.training.corpus.Pick;
import dev.kvasir.benchmarks.training.corpus.Split;
import dev.kvasir.benchmarks.training.corpus.Turn.Part;
import dev.kvasir.benchmarks.training.corpus.Words;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * Notes in order, a passage each, and words that occur in none of them. A note says its fact twice, once from the person and once from the
 * value, in either order, so that either can be looked up by what stands before it, wherever it stands last. A passage carries no number, so that
 * it reads the same wherever it stands.
 */
final class Notebook {
    private static final int MOST = 20;
    private static final List<String> DAYS = List.of("warm", "happy", "busy", "sad", "cold", "calm", "rainy", "windy");

    private final RandomGenerator random;
    private final List<String> unusedPeople;
    private final Map<Relation, List<String>> unusedValues = new EnumMap<>(Relation.class);
    private final List<Fact> facts = new ArrayList<>();
    private final Map<Fact, Note> notes = new HashMap<>();

    Notebook(RandomGenerator random, Split split) {
        this.random = random;
        unusedPeople = new ArrayList<>(Pick.shuffled(random, people(random, split)));
        for (Relation relation : Relation.values()) {
            unusedValues.put(relation, new ArrayList<>(Pick.shuffled(random, relation.values)));
        }
    }

    /** In training a town may have a lamp at times: who it is has to be read, whatever the word. */
    private static List<String> people(RandomGenerator random, Split split) {
        if (split == Split.HELD_OUT) {
            return Words.HELD_OUT_NAMES;
        }
        return random.nextInt(4) == 0 ? Words.NAMELIKE : Words.NAMES;
    }

    /** Refuses sizes for which there aren't enough names: the held-out ones are the fewest. */
    static void checkRange(int min, int max, int least) {
        if (min < least || max < min || max > MOST) {
            throw new IllegalArgumentException(
                    "from " + min + " to " + max + " is no range within " + least + " to " + MOST);
        }
    }

    /** Returns a name that no note has. */
    String newPerson() {
        return unusedPeople.remove(unusedPeople.size() - 1);
    }

    /** Returns a value that no note has. */
    String newValue(Relation relation) {
        List<String> values = Objects.requireNonNull(unusedValues.get(relation));
        return values.remove(values.size() - 1);
    }

    /** Adds a note at the end. */
    void add(Fact fact) {
        facts.add(fact);
        notes.put(fact, write(fact));
    }

    private Note write(Fact fact) {
        Relation relation = fact.relation();
        return new Note(
                fact,
                Pick.one(random, relation.statements(fact.person(), fact.value())),
                Pick.one(random, relation.restatements(fact.value(), fact.person())),
                random.nextBoolean(),
                random.nextInt(5) == 0 ? " It is a " + Pick.one(random, DAYS) + " day." : "");
    }

    private Note note(Fact fact) {
        return Objects.requireNonNull(notes.get(fact));
    }

    /** Adds notes about so many people who have none, one each. */
    void addPeople(int count) {
        for (int i = 0; i < count; i++) {
            Relation relation = Pick.one(random, Relation.values());
            add(new Fact(newPerson(), relation, newValue(relation)));
        }
    }

    /**
     * Adds two notes each about so many people who have none.
     *
     * @param alike whether the two are of the same kinds for everyone
     */
    List<Pair> addPairs(int people, boolean alike) {
        List<Pair> pairs = new ArrayList<>();
        List<Relation> relations = Pick.several(random, List.of(Relation.values()), 2);
        for (int i = 0; i < people; i++) {
            String person = newPerson();
            relations = alike ? Pick.shuffled(random, relations) : Pick.several(random, List.of(Relation.values()), 2);
            Pair pair = new Pair(
                    new Fact(person, relations.get(0), newValue(relations.get(0))),
                    new Fact(person, relations.get(1), newValue(relations.get(1))));
            add(pair.first());
            add(pair.second());
            pairs.add(pair);
        }
        return pairs;
    }

    /** Returns the passages of each pair that stand before the other of the pair. */
    Set<Integer> earlierOf(List<Pair> pairs) {
        return pairs.stream()
                .map(pair -> Math.min(indexOf(pair.first()), indexOf(pair.second())))
                .collect(Collectors.toSet());
    }

    /** Puts the notes in random order. */
    void shuffle() {
        List<Fact> shuffled = Pick.shuffled(random, facts);
        facts.clear();
        facts.addAll(shuffled);
    }

    List<Fact> facts() {
        return facts;
    }

    /** Returns the passage of a fact. */
    int indexOf(Fact fact) {
        return facts.indexOf(fact);
    }

    /** Returns the notes as text, a passage each. */
    List<Part> passages() {
        List<Part> parts = new ArrayList<>();
        Map<String, String> said = new HashMap<>();
        for (Fact fact : facts) {
            Note note = note(fact);
            parts.add(new Part(note.text(), parts.size(), note.hints(said.put(fact.person(), fact.value()))));
        }
        return parts;
    }
}
