package dev.kvasir.benchmarks.training.corpus.drill;

import dev.kvasir.benchmarks.training.corpus.Conversation;
import dev.kvasir.benchmarks.training.corpus.Pick;
import dev.kvasir.benchmarks.training.corpus.Role;
import dev.kvasir.benchmarks.training.corpus.Split;
import dev.kvasir.benchmarks.training.corpus.Task;
import dev.kvasir.benchmarks.training.corpus.Turn;
import dev.kvasir.benchmarks.training.corpus.Words;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Random words to be said again. Every word of the reply has to be found by the one before it, which is the shortest way to heads that
 * look things up (Olsson et al., "In-context learning and induction heads", 2022).
 *
 * @param minWords fewest words
 * @param maxWords most words
 */
public record RepeatTask(int minWords, int maxWords) implements Task {
    @Override
    public String name() {
        return "repeat";
    }

    @Override
    public Conversation next(RandomGenerator random, Split split) {
        List<String> words = Pick.several(random, Words.LOOKED_UP, random.nextInt(minWords, maxWords + 1));
        return Conversation.of(
                name(),
                List.of(
                        Turn.of(Role.USER, "Repeat the words: " + String.join(" ", words) + "."),
                        Turn.of(Role.ASSISTANT, "The words: " + String.join(" ", words) + ".")));
    }
}
