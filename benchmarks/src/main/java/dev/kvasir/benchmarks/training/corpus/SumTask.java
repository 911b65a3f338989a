package dev.kvasir.benchmarks.training.corpus;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Small sums: plus and minus up to 30, counting, comparing, and sums told as a story of two sentences. */
public final class SumTask implements Task {
    private static final int HIGHEST = 30;
    private static final List<String> COUNTABLE = List.of(
            "apples", "plums", "pears", "nuts", "eggs", "books", "balls", "coins", "shells", "pencils", "stones",
            "cookies", "keys", "cups", "hats", "ribbons");

    @Override
    public String name() {
        return "sum";
    }

    @Override
    public Conversation next(RandomGenerator random, Split split) {
        List<Turn> turns = new ArrayList<>();
        if (Pick.chance(random, 20)) {
            turns.add(Turn.of(Role.SYSTEM, "You are a helpful assistant."));
        }
        int exchanges = 1 + (Pick.chance(random, 40) ? 1 + random.nextInt(2) : 0);
        for (int i = 0; i < exchanges; i++) {
            addExchange(turns, random, split);
        }
        return Conversation.of(name(), turns);
    }

    private static void addExchange(List<Turn> turns, RandomGenerator random, Split split) {
        int form = random.nextInt(100);
        if (form < 28) {
            plus(turns, random, split);
        } else if (form < 46) {
            minus(turns, random, split);
        } else if (form < 58) {
            countUp(turns, random);
        } else if (form < 68) {
            neighbour(turns, random);
        } else if (form < 80) {
            compare(turns, random);
        } else {
            story(turns, random, split);
        }
    }

    /** Returns where a sum of the two numbers belongs: each tenth one is held out. */
    static Split splitOf(int first, int second) {
        return (7 * first + 3 * second) % 10 == 4 ? Split.HELD_OUT : Split.TRAINING;
    }

    private static void plus(List<Turn> turns, RandomGenerator random, Split split) {
        int first;
        int second;
        do {
            int sum = random.nextInt(HIGHEST + 1);
            first = random.nextInt(sum + 1);
            second = sum - first;
        } while (splitOf(first, second) != split);
        Turn.exchange(
                turns,
                Template.fill(
                        "What is {a} plus {b}? | How much is {a} plus {b}? | {a} plus {b}? | Add {a} and {b}. | What is {a} + {b}?",
                        Map.of("a", text(first), "b", text(second)),
                        random),
                first + " plus " + second + " is " + (first + second) + ".");
    }

    private static void minus(List<Turn> turns, RandomGenerator random, Split split) {
        int first;
        int second;
        do {
            first = random.nextInt(HIGHEST + 1);
            second = random.nextInt(first + 1);
        } while (splitOf(first, second) != split);
        Turn.exchange(
                turns,
                Template.fill(
                        "What is {a} minus {b}? | How much is {a} minus {b}? | {a} minus {b}? | Take {b} from {a}. | What is {a} - {b}?",
                        Map.of("a", text(first), "b", text(second)),
                        random),
                first + " minus " + second + " is " + (first - second) + ".");
    }

    private static void countUp(List<Turn> turns, RandomGenerator random) {
        int from = random.nextInt(HIGHEST - 2);
        int to = Math.min(HIGHEST, from + 2 + random.nextInt(9));
        String user = Template.fill(
                "Count from {a} to {b}. | Please count from {a} to {b}. | Can you count from {a} to {b}?",
                Map.of("a", text(from), "b", text(to)),
                random);
        Turn.exchange(
                turns,
                user,
                IntStream.rangeClosed(from, to).mapToObj(Integer::toString).collect(Collectors.joining(", ")));
    }

    private static void neighbour(List<Turn> turns, RandomGenerator random) {
        int number = 1 + random.nextInt(HIGHEST - 1);
        boolean after = Pick.chance(random, 65);
        String side = after ? "after" : "before";
        Turn.exchange(
                turns,
                Template.fill(
                        "What comes {side} {n}? | Which number comes {side} {n}? | What number is [just|right] {side} {n}?",
                        Map.of("side", side, "n", text(number)),
                        random),
                (after ? number + 1 : number - 1) + " comes " + side + " " + number + ".");
    }

    private static void compare(List<Turn> turns, RandomGenerator random) {
        int first = random.nextInt(HIGHEST + 1);
        int second = (first + 1 + random.nextInt(HIGHEST)) % (HIGHEST + 1);
        boolean more = Pick.chance(random, 60);
        int answer = more ? Math.max(first, second) : Math.min(first, second);
        String word = more ? "more" : "less";
        Turn.exchange(
                turns,
                Template.fill(
                        "Which is {word}, {a} or {b}? | What is {word}, {a} or {b}? | Is {a} or {b} {word}?",
                        Map.of("word", word, "a", text(first), "b", text(second)),
                        random),
                answer + " is " + word + " than " + (first + second - answer) + ".");
    }

    private static void story(List<Turn> turns, RandomGenerator random, Split split) {
        boolean gets = Pick.chance(random, 55);
        int first;
        int second;
        do {
            first = 2 + random.nextInt(HIGHEST / 2);
            second = gets ? 1 + random.nextInt(HIGHEST - first) : 1 + random.nextInt(first - 1);
        } while (splitOf(first, second) != split);
        int result = gets ? first + second : first - second;
        boolean heldOut = split == Split.HELD_OUT || Pick.chance(random, 10);
        String things = Pick.one(random, COUNTABLE);
        String left = result == 1 ? things.substring(0, things.length() - 1) : things;
        Map<String, String> slots = Map.of(
                "name", Pick.one(random, heldOut ? Words.HELD_OUT_NAMES : Words.NAMES),
                "a", text(first),
                "b", text(second),
                "things", things,
                "result", result + " " + left);
        String told = gets
                ? "{name} has {a} {things} and [gets|finds|buys] {b} more. | {name} has {a} {things}. Then {name} [gets|finds|buys] {b} more."
                : "{name} has {a} {things} and [loses|gives away|sells] {b}. | {name} has {a} {things}. Then {name} [loses|gives away|sells] {b}.";
        String asked = "How many {things} does {name} have [now|]?";
        Turn.exchange(
                turns,
                Template.fill(told, slots, random) + " " + Template.fill(asked, slots, random),
                Template.fill("{name} has {result}.", slots, random));
    }

    private static String text(int number) {
        return Integer.toString(number);
    }
}
