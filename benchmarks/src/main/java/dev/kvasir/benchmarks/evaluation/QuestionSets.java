package dev.kvasir.benchmarks.evaluation;

import dev.kvasir.benchmarks.training.corpus.Task;
import dev.kvasir.benchmarks.training.corpus.notes.NotStatedTask;
import dev.kvasir.benchmarks.training.corpus.notes.OnePassageTask;
import dev.kvasir.benchmarks.training.corpus.notes.TwoHopTask;
import dev.kvasir.benchmarks.training.corpus.tools.ToolCallTask;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** The question sets there are, by name. */
final class QuestionSets {
    private final Map<String, QuestionSet> sets = new LinkedHashMap<>();

    QuestionSets(List<QuestionSet> sets) {
        sets.forEach(set -> this.sets.put(set.name(), set));
    }

    /** Returns those that kvasir-mini is measured by. */
    static QuestionSets standard() {
        return of(
                new OnePassageTask(4, 8, 1),
                new TwoHopTask(3, 4, 1, 0),
                new NotStatedTask(4, 8, 1),
                new ToolCallTask());
    }

    /** Returns the held-out sides of tasks. */
    static QuestionSets of(Task... tasks) {
        return new QuestionSets(
                Arrays.stream(tasks).<QuestionSet>map(TaskQuestions::new).toList());
    }

    /**
     * Returns sets by their names, each once; all of them if no name is given.
     *
     * @throws IllegalArgumentException if there is none of a name
     */
    List<QuestionSet> named(List<String> names) {
        if (names.isEmpty()) {
            return List.copyOf(sets.values());
        }
        List<QuestionSet> chosen = new ArrayList<>();
        for (String name : names.stream().distinct().toList()) {
            QuestionSet set = sets.get(name);
            if (set == null) {
                throw new IllegalArgumentException("--set " + name + " is none of " + String.join(", ", sets.keySet()));
            }
            chosen.add(set);
        }
        return chosen;
    }

    /** Returns the first questions of a set. They depend on the set and the seed alone, not on what else is asked. */
    static List<Question> draw(QuestionSet set, long seed, int count) {
        SplittableRandom random = new SplittableRandom(seed ^ ((long) set.name().hashCode() << Integer.SIZE));
        return Stream.generate(() -> set.next(random)).limit(count).toList();
    }
}
