package dev.kvasir.benchmarks.evaluation;

import dev.kvasir.benchmarks.training.corpus.Split;
import dev.kvasir.benchmarks.training.corpus.Task;
import dev.kvasir.benchmarks.training.corpus.ToolSpec;
import java.util.List;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * The held-out side of a training task.
 *
 * @param task makes the conversations
 * @param toolListing writes tools as the model's chat template does
 */
record TaskQuestions(Task task, Function<List<ToolSpec>, String> toolListing) implements QuestionSet {
    @Override
    public String name() {
        return task.name();
    }

    @Override
    public Question next(RandomGenerator random) {
        return Question.of(task.next(random, Split.HELD_OUT), toolListing);
    }
}
