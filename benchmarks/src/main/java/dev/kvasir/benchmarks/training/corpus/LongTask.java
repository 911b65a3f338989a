package dev.kvasir.benchmarks.training.corpus;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A long conversation: several short ones in turn, so that what a question asks for may stand far back. Those with a system turn are left
 * out, since it is for the whole; and passages come once, since other notes may say other things about the same names.
 *
 * @param tasks to draw from, not all of them with passages
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
        boolean hasPassages = false;
        while (characters < wanted) {
            Conversation next = Pick.one(random, tasks).next(random, split);
            if (!next.tools().isEmpty() || !next.unseenPassages().isEmpty()) {
                throw new IllegalStateException(next.task() + " doesn't fit in the middle of a conversation");
            }
            boolean passages = next.turns().stream()
                    .flatMap(turn -> turn.parts().stream())
                    .anyMatch(part -> part.passage() != Turn.Part.NO_PASSAGE);
            if (next.turns().get(0).role() == Role.SYSTEM || (passages && hasPassages)) {
                continue;
            }
            hasPassages |= passages;
            for (Turn turn : next.turns()) {
                turns.add(turn);
                characters += turn.text().length();
            }
        }
        return Conversation.of(name(), turns);
    }
}
