package dev.kvasir.benchmarks.training.corpus.notes;

import dev.kvasir.benchmarks.training.corpus.Conversation;
import dev.kvasir.benchmarks.training.corpus.Pick;
import dev.kvasir.benchmarks.training.corpus.Split;
import dev.kvasir.benchmarks.training.corpus.Task;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * Two notes about each of some people, to be told together, asked for by what the one note says: the way over the name that a two-hop question
 * takes. Many in one reply teach in fewer tokens what a question asks once.
 *
 * @param minPeople fewest people, with two passages each
 * @param maxPeople most people, at most 20
 * @param unseenShare how often the earlier passage of each pair is unseen by the question
 */
public record LinkTask(int minPeople, int maxPeople, double unseenShare) implements Task {
    public LinkTask {
        Notebook.checkRange(minPeople, maxPeople, 1);
    }

    @Override
    public String name() {
        return "link";
    }

    @Override
    public Conversation next(RandomGenerator random, Split split) {
        Notebook notes = new Notebook(random, split);
        List<Pair> pairs = notes.addPairs(random.nextInt(minPeople, maxPeople + 1), random.nextBoolean());
        notes.shuffle();
        List<Pair> told = Pick.shuffled(random, pairs);
        String asked = "What goes with what? "
                + told.stream().map(pair -> pair.first().value()).collect(Collectors.joining(", "));
        Question question = new Question(
                asked,
                told.stream().map(LinkTask::ofValue).collect(Collectors.joining(" ")),
                told.stream()
                        .map(pair -> Question.answerHint(
                                asked, pair.first().value(), " " + pair.second().value()))
                        .toList());
        return NotesConversation.of(
                name(),
                random,
                notes,
                List.of(question),
                random.nextDouble() < unseenShare ? notes.earlierOf(pairs) : Set.of());
    }

    private static String ofValue(Pair pair) {
        String known = answer(pair.first());
        return known.substring(0, known.length() - 1) + ": " + answer(pair.second());
    }

    private static String answer(Fact fact) {
        return fact.relation().answer(fact.value());
    }
}
