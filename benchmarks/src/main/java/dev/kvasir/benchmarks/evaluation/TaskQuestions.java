package dev.kvasir.benchmarks.evaluation;

import dev.kvasir.benchmarks.training.corpus.Split;
import dev.kvasir.benchmarks.training.corpus.Task;
import java.util.random.RandomGenerator;

/**
 * The held-out side of a training task.
 *
 * @param task makes the conversations
 */
record TaskQuestions(Task task) implements QuestionSet {
    @Override
    public String name() {
        return task.name();
    }

    @Override
    public Question next(RandomGenerator random) {
        return Question.of(task.next(random, Split.HELD_OUT));
    }
}
