package dev.kvasir.benchmarks.evaluation;

import dev.kvasir.benchmarks.training.corpus.Conversation;
import dev.kvasir.benchmarks.training.corpus.Role;
import dev.kvasir.benchmarks.training.corpus.Split;
import dev.kvasir.benchmarks.training.corpus.Task;
import dev.kvasir.benchmarks.training.corpus.ToolSpec;
import dev.kvasir.benchmarks.training.corpus.Turn;
import dev.kvasir.benchmarks.training.corpus.Turn.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Tasks small enough to be seen through. */
final class TinyTasks {
    private TinyTasks() {}

    /** A name is asked for that one of three passages has. */
    static Task passages() {
        return task("where", random -> {
            int asked = random.nextInt(3);
            int first = random.nextInt(100);
            Turn user = new Turn(
                    Role.USER,
                    List.of(
                            new Part("Anna has " + first + " apples.\n", 0),
                            new Part("Bert has " + (first + 1) + " pears.\n", 1),
                            new Part("Cleo has " + (first + 2) + " plums.\n", 2),
                            new Part(
                                    "How many has "
                                            + List.of("Anna", "Bert", "Cleo").get(asked) + "?",
                                    Part.NO_PASSAGE)));
            return Conversation.of(
                    "where",
                    List.of(
                            Turn.of(Role.SYSTEM, "Answer by a number."),
                            user,
                            Turn.of(Role.ASSISTANT, String.valueOf(first + asked))));
        });
    }

    /** A number is to be said again. */
    static Task echo() {
        return task("echo", random -> {
            String number = String.valueOf(random.nextInt(1000));
            return Conversation.of(
                    "echo", List.of(Turn.of(Role.USER, "Say " + number), Turn.of(Role.ASSISTANT, number)));
        });
    }

    /** A tool is to be called. */
    static Conversation toolCall(List<Turn> before) {
        List<Turn> turns = new ArrayList<>(before);
        turns.add(Turn.of(Role.ASSISTANT, "<tool_call>{\"name\": \"f\", \"arguments\": {\"x\": 1}}</tool_call>"));
        ToolSpec tool = new ToolSpec("f", "Does f.", List.of(new ToolSpec.Parameter("x", "integer")));
        return new Conversation("tool", List.of(tool), turns, Set.of());
    }

    private interface Maker {
        Conversation make(RandomGenerator random);
    }

    private static Task task(String name, Maker maker) {
        return new Task() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public Conversation next(RandomGenerator random, Split split) {
                if (split != Split.HELD_OUT) {
                    throw new AssertionError("an evaluation asks what was held out");
                }
                return maker.make(random);
            }
        };
    }
}
