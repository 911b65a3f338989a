package dev.kvasir.benchmarks.training.corpus.tools;

import dev.kvasir.benchmarks.training.corpus.Conversation;
import dev.kvasir.benchmarks.training.corpus.Hint;
import dev.kvasir.benchmarks.training.corpus.Hint.Kind;
import dev.kvasir.benchmarks.training.corpus.Pick;
import dev.kvasir.benchmarks.training.corpus.Role;
import dev.kvasir.benchmarks.training.corpus.Split;
import dev.kvasir.benchmarks.training.corpus.Task;
import dev.kvasir.benchmarks.training.corpus.ToolListing;
import dev.kvasir.benchmarks.training.corpus.ToolSpec;
import dev.kvasir.benchmarks.training.corpus.ToolSpec.Parameter;
import dev.kvasir.benchmarks.training.corpus.Turn;
import dev.kvasir.benchmarks.training.corpus.Turn.Part;
import dev.kvasir.benchmarks.training.corpus.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The user wants something done and one of a few tools does it. In training the result comes back and is told; held out, the
 * conversation ends with the call. Of actions with two arguments, the pairs of values whose places
 * in their lists add up to a multiple of five are held out.
 */
public final class ToolCallTask implements Task {
    private static final List<String> WEATHERS = List.of("sunny", "cold", "warm", "windy", "cloudy", "rainy");
    private static final int HELD_OUT_EVERY = 5;

    @Override
    public String name() {
        return "tool-call";
    }

    @Override
    public Conversation next(RandomGenerator random, Split split) {
        List<Action> offered = Pick.several(random, Action.ALL, random.nextInt(2, 5));
        List<ToolSpec> tools =
                offered.stream().map(action -> tool(random, split, action)).toList();
        int wanted = wanted(random, split, offered);
        List<Turn> turns = new ArrayList<>();
        addCall(random, split, offered.get(wanted), tools.get(wanted), turns);
        if (split == Split.TRAINING && random.nextBoolean()) {
            int other = wanted(random, split, offered);
            addCall(random, split, offered.get(other), tools.get(other), turns);
        }
        return new Conversation(name(), tools, turns, Set.of());
    }

    /** Returns the place of an action; in training those that take several arguments, which are harder, come more often. */
    private static int wanted(RandomGenerator random, Split split, List<Action> offered) {
        int wanted = random.nextInt(offered.size());
        return split == Split.HELD_OUT || offered.get(wanted).takesSeveral() ? wanted : random.nextInt(offered.size());
    }

    private static void addCall(RandomGenerator random, Split split, Action action, ToolSpec tool, List<Turn> turns) {
        List<String> values = values(random, split, action);
        String request = format(heldOutLast(random, split, action.requests()), values);
        turns.add(new Turn(
                Role.USER,
                List.of(new Part(
                        request,
                        Part.NO_PASSAGE,
                        List.of(
                                new Hint(request.length(), Kind.LINKED, action.topic()),
                                new Hint(request.length(), Kind.ANSWER, ToolListing.firstPiece(tool.name())))))));
        turns.add(Turn.of(Role.ASSISTANT, call(tool, action, values)));
        if (split == Split.HELD_OUT) {
            return;
        }
        String weather = Pick.one(random, WEATHERS);
        String number = Integer.toString(random.nextInt(2, 24));
        String city = Pick.one(random, Words.CITIES);
        turns.add(Turn.of(
                Role.TOOL,
                action.result().replace("%W", weather).replace("%N", number).replace("%C", city)));
        turns.add(Turn.of(
                Role.ASSISTANT,
                format(
                        action.answer()
                                .replace("%W", weather)
                                .replace("%N", number)
                                .replace("%C", city),
                        values)));
    }

    private static ToolSpec tool(RandomGenerator random, Split split, Action action) {
        return new ToolSpec(
                ToolNames.next(random, split, action.nouns()),
                action.description(),
                action.arguments().stream()
                        .map(argument -> new Parameter(Pick.one(random, argument.parameterNames), argument.type))
                        .toList(),
                action.topic());
    }

    private static List<String> values(RandomGenerator random, Split split, Action action) {
        while (true) {
            List<Integer> chosen = action.arguments().stream()
                    .map(argument -> random.nextInt(argument.values.size()))
                    .toList();
            boolean heldOut = chosen.stream().mapToInt(Integer::intValue).sum() % HELD_OUT_EVERY == 0;
            if (chosen.size() == 1 || heldOut == (split == Split.HELD_OUT)) {
                return IntStream.range(0, chosen.size())
                        .mapToObj(i -> action.arguments().get(i).values.get(chosen.get(i)))
                        .toList();
            }
        }
    }

    private static String heldOutLast(RandomGenerator random, Split split, List<String> items) {
        int last = items.size() - 1;
        return split == Split.HELD_OUT ? items.get(last) : items.get(random.nextInt(last));
    }

    private static String format(String template, List<String> values) {
        return String.format(template, values.toArray());
    }

    private static String call(ToolSpec tool, Action action, List<String> values) {
        String arguments = IntStream.range(0, values.size())
                .mapToObj(i -> "\"" + tool.parameters().get(i).name() + "\": "
                        + action.arguments().get(i).json(values.get(i)))
                .collect(Collectors.joining(", "));
        return "<tool_call>{\"name\": \"" + tool.name() + "\", \"arguments\": {" + arguments + "}}</tool_call>";
    }
}
