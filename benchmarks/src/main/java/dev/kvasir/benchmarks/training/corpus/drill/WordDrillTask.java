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

/**
 * A row of words to repeat, and questions about what stands next to what. Names that question answering keeps out of training occur
 * here, so that the model knows them as words.
 *
 * @param minWords fewest words
 * @param maxWords most words
 * @param questions how many are asked of the same words
 */
public record WordDrillTask(int minWords, int maxWords, int questions) implements Task {
    @Override
    public String name() {
        return "drill";
    }

    @Override
    public Conversation next(RandomGenerator random, Split split) {
        List<String> words = Pick.several(random, Words.LOOKED_UP, random.nextInt(minWords, maxWords + 1));
        String row = String.join(" ", words);
        List<Turn> turns = new ArrayList<>();
        String given = "Words: " + row + ".\n";
        for (int i = 0; i < questions; i++) {
            int at = random.nextInt(words.size() - 1);
            String question;
            String answer;
            switch (random.nextInt(4)) {
                case 0 -> {
                    question = "Repeat the words.";
                    answer = "Words: " + row + ".";
                }
                case 1 -> {
                    String word = Pick.one(random, Words.QUOTED);
                    question = "Quote " + word + ".";
                    answer = "\"" + word + "\"";
                }
                default -> {
                    question = "What comes after " + words.get(at) + "?";
                    answer = "It is " + words.get(at + 1) + ".";
                }
            }
            turns.add(Turn.of(Role.USER, (i == 0 ? given : "") + question));
            turns.add(Turn.of(Role.ASSISTANT, answer));
        }
        return Conversation.of(name(), turns);
    }
}
