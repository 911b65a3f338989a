package dev.kvasir.benchmarks.training.corpus;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A long conversation: several short ones in turn, so that what a question asks for may stand far back.
 *
 * @param tasks to draw from; their conversations' system turns, if any, are left out
 * @param minCharacters the least length of the text
 * @param maxCharacters the length after which nothing is added
 */
public record LongTask(List<Task> tasks, int minCharacters, int maxCharacters) implements Task {
    public LongTask {
        tasks = List.copyOf(tasks);
    }

    @Override
    public String name() {
        return "long";
    }

    @Override
    public Conversation next(RandomGenerator random, Split split) {
        int wanted = random.nextInt(minCharacters, maxCharacters + 1);
        List<Turn> turns = new ArrayList<>();
        int characters = 0;
        while (characters < wanted) {
            Conversation next = Pick.one(random, tasks).next(random, split);
            if (!next.tools().isEmpty() || !next.unseenPassages().isEmpty()) {
                throw new IllegalStateException(next.task() + " doesn't fit in the middle of a conversation");
            }
            for (Turn turn : next.turns()) {
                if (turn.role() != Role.SYSTEM) {
                    turns.add(Turn.of(turn.role(), turn.text()));
                    characters += turn.text().length();
                }
            }
        }
        return Conversation.of(name(), turns);
    }
}
