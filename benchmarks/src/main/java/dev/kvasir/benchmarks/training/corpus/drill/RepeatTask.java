package dev.kvasir.benchmarks.training.corpus.drill;

import dev.kvasir.benchmarks.training.corpus.Conversation;
import dev.kvasir.benchmarks.training.corpus.Pick;
import dev.kvasir.benchmarks.training.corpus.Role;
import dev.kvasir.benchmarks.training.corpus.Split;
import dev.kvasir.benchmarks.training.corpus.Task;
import dev.kvasir.benchmarks.training.corpus.Turn;
import dev.kvasir.benchmarks.training.corpus.Words;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Random words to be said again. Every word of the reply has to be found by the one before it, which is the shortest way to heads that
 * look things up (Olsson et al., "In-context learning and induction heads", 2022). Backwards, a word has to be found by the one that
 * follows it: what "Who has the key?" asks for, where the name stands before the key.
 *
 * @param backwards whether the last word is said first
 * @param minWords fewest words
 * @param maxWords most words
 */
public record RepeatTask(boolean backwards, int minWords, int maxWords) implements Task {
    @Override
    public String name() {
        return backwards ? "backwards" : "repeat";
    }

    @Override
    public Conversation next(RandomGenerator random, Split split) {
        List<String> words = Pick.several(random, Words.LOOKED_UP, random.nextInt(minWords, maxWords + 1));
        List<String> said = new ArrayList<>(words);
        if (backwards) {
            Collections.reverse(said);
        }
        return Conversation.of(
                name(),
                List.of(
                        Turn.of(
                                Role.USER,
                                (backwards ? "Say the words backwards: " : "Repeat the words: ")
                                        + String.join(" ", words)
                                        + "."),
                        Turn.of(Role.ASSISTANT, "The words: " + String.join(" ", said) + ".")));
    }
}
