package dev.kvasir.benchmarks.training.corpus.drill;

import dev.kvasir.benchmarks.training.corpus.Conversation;
import dev.kvasir.benchmarks.training.corpus.Pick;
import dev.kvasir.benchmarks.training.corpus.Role;
import dev.kvasir.benchmarks.training.corpus.Split;
import dev.kvasir.benchmarks.training.corpus.Task;
import dev.kvasir.benchmarks.training.corpus.Turn;
import dev.kvasir.benchmarks.training.corpus.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * Words in pairs, to be told by the second of each: {@code The lamp: Anna.}, as "Who has the lamp?" is answered. Any word may stand in
 * either place, so that what is copied is what stands there, be it a name that notes never have in training.
 *
 * @param minPairs fewest pairs
 * @param maxPairs most pairs
 */
public record PairDrillTask(int minPairs, int maxPairs) implements Task {
    @Override
    public String name() {
        return "pairs";
    }

    @Override
    public Conversation next(RandomGenerator random, Split split) {
        int count = random.nextInt(minPairs, maxPairs + 1);
        List<String> words = Pick.several(random, Words.LOOKED_UP, 2 * count);
        List<Integer> pairs = new ArrayList<>();
        StringBuilder given = new StringBuilder();
        for (int i = 0; i < count; i++) {
            given.append("Pair: ")
                    .append(words.get(2 * i))
                    .append(' ')
                    .append(words.get(2 * i + 1))
                    .append(".\n");
            pairs.add(i);
        }
        List<Integer> told = Pick.shuffled(random, pairs);
        String asked = told.stream().map(i -> words.get(2 * i + 1)).collect(Collectors.joining(", "));
        String answer = told.stream()
                .map(i -> "The " + words.get(2 * i + 1) + ": " + words.get(2 * i) + ".")
                .collect(Collectors.joining(" "));
        return Conversation.of(
                name(), List.of(Turn.of(Role.USER, given + "Who? " + asked), Turn.of(Role.ASSISTANT, answer)));
    }
}
