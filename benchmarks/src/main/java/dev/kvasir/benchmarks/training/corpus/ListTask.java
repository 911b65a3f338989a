package dev.kvasir.benchmarks.training.corpus;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** Lists: to name things of a kind, to count what is listed, to take an item by its place, to turn three items round. */
public final class ListTask implements Task {
    static final List<String> NUMBERS =
            List.of("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten");

    private static final List<String> ORDINALS = List.of("first", "second", "third", "fourth", "fifth");

    /** Kinds of things. No item stands in two kinds. */
    static final List<Kind> KINDS = List.of(
            kind("animal", "animals", "dog, cat, fox, bear, rabbit, mouse, frog, duck, goat, pig, horse, cow"),
            kind("fruit", "fruits", "apple, pear, plum, peach, lemon, cherry, banana, grape, melon, fig"),
            kind("colour", "colours", "red, blue, green, yellow, white, black, brown, pink, purple, grey"),
            kind("tool", "tools", "hammer, saw, shovel, broom, rope, ladder, drill, axe, rake"),
            kind("room", "rooms", "kitchen, bedroom, bathroom, classroom, cellar, hall, office, attic"),
            kind("job", "jobs", "baker, farmer, nurse, doctor, teacher, pilot, sailor, painter, singer, cook, driver"),
            kind("toy", "toys", "ball, kite, doll, puzzle, marble, teddy, robot, top"),
            kind("drink", "drinks", "water, milk, tea, coffee, juice, lemonade, cocoa, cider"),
            kind("vegetable", "vegetables", "carrot, potato, onion, pea, bean, corn, pumpkin, cabbage, leek"),
            kind("piece of clothing", "pieces of clothing", "hat, coat, sock, shoe, scarf, shirt, dress, glove, belt"),
            kind("body part", "body parts", "hand, foot, nose, ear, eye, mouth, arm, leg, knee"),
            kind("day", "days", "Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday"),
            kind("month", "months", "January, February, March, April, May, June, July, August, September, October"),
            kind("instrument", "instruments", "drum, flute, guitar, piano, violin, trumpet, horn, harp"),
            kind("vehicle", "vehicles", "car, bus, bike, ship, boat, plane, truck, sled"),
            kind("piece of furniture", "pieces of furniture", "chair, table, bed, shelf, desk, bench, lamp, sofa"));

    private static final List<String> NAMING = List.of(
            "List {count} {kinds}.",
            "Name {count} {kinds}.",
            "Give me {count} {kinds}.",
            "Please list {count} {kinds}.",
            "Can you name {count} {kinds}?",
            "Write a list of {count} {kinds}.",
            "Tell me {count} {kinds}.",
            "I need {count} {kinds}.");

    private static final List<String> NAMING_HELD_OUT =
            List.of("Make a list of {count} {kinds}.", "Could you give me {count} {kinds}?");

    /**
     * A kind of things.
     *
     * @param one what one of them is called
     * @param many what several of them are called
     * @param items what there is
     */
    record Kind(String one, String many, List<String> items) {}

    private static Kind kind(String one, String many, String items) {
        return new Kind(one, many, List.of(items.split(", ")));
    }

    @Override
    public String name() {
        return "list";
    }

    @Override
    public Conversation next(RandomGenerator random, Split split) {
        List<Turn> turns = new ArrayList<>();
        if (Pick.chance(random, 20)) {
            turns.add(Turn.of(Role.SYSTEM, "You are a helpful assistant."));
        }
        int exchanges = Pick.chance(random, 30) ? 2 : 1;
        for (int i = 0; i < exchanges; i++) {
            addExchange(turns, random, split);
        }
        return Conversation.of(name(), turns);
    }

    private static void addExchange(List<Turn> turns, RandomGenerator random, Split split) {
        int form = random.nextInt(100);
        if (form < 45) {
            nameSome(turns, random, split);
        } else if (form < 60) {
            findOfKind(turns, random);
        } else if (form < 73) {
            count(turns, random);
        } else if (form < 92) {
            takeItem(turns, random);
        } else {
            turnRound(turns, random);
        }
    }

    private static void nameSome(List<Turn> turns, RandomGenerator random, Split split) {
        Kind kind = Pick.one(random, KINDS);
        int count = 2 + random.nextInt(5);
        String wording = Pick.one(random, split == Split.TRAINING ? NAMING : NAMING_HELD_OUT);
        String shown = Pick.chance(random, 80) ? NUMBERS.get(count) : Integer.toString(count);
        List<String> items = Pick.several(random, kind.items(), count);
        StringBuilder list = new StringBuilder();
        for (int i = 0; i < count; i++) {
            list.append(i == 0 ? "" : "\n").append(i + 1).append(". ").append(items.get(i));
        }
        Turn.exchange(
                turns, Template.fill(wording, Map.of("count", shown, "kinds", kind.many()), random), list.toString());
    }

    private static void findOfKind(List<Turn> turns, RandomGenerator random) {
        List<Kind> kinds = Pick.several(random, KINDS, 3);
        List<String> items = new ArrayList<>();
        for (Kind kind : kinds) {
            items.add(Pick.one(random, kind.items()));
        }
        String answer = items.get(0);
        Collections.rotate(items, random.nextInt(items.size()));
        String article = article(kinds.get(0).one());
        String question =
                Pick.one(random, List.of("Which of these is {kind}: {items}?", "Which one is {kind}: {items}?"));
        Turn.exchange(
                turns,
                Template.fill(question, Map.of("kind", article, "items", String.join(", ", items)), random),
                "It is " + answer + ".");
    }

    private static void count(List<Turn> turns, RandomGenerator random) {
        List<String> items = items(random, 2 + random.nextInt(7));
        String list = String.join(", ", items);
        String number = NUMBERS.get(items.size());
        String question = Pick.one(
                random,
                List.of(
                        "How many words are in this list: {items}?",
                        "How many words are here: {items}?",
                        "Count the words in this list: {items}."));
        Turn.exchange(
                turns,
                Template.fill(question, Map.of("items", list), random),
                "There are " + number + " words in the list.");
    }

    private static void takeItem(List<Turn> turns, RandomGenerator random) {
        List<String> items = items(random, 3 + random.nextInt(4));
        boolean last = Pick.chance(random, 25);
        int index = last ? items.size() - 1 : random.nextInt(Math.min(items.size(), ORDINALS.size()));
        String ordinal = last ? "last" : ORDINALS.get(index);
        String question = Pick.one(
                random,
                List.of(
                        "What is the {nth} item of this list: {items}?",
                        "What is the {nth} word of this list: {items}?",
                        "Which word is {nth} in this list: {items}?"));
        Turn.exchange(
                turns,
                Template.fill(question, Map.of("nth", ordinal, "items", String.join(", ", items)), random),
                "The " + ordinal
                        + (question.startsWith("What is the {nth} item") ? " item" : " word")
                        + " is " + items.get(index) + ".");
    }

    private static void turnRound(List<Turn> turns, RandomGenerator random) {
        List<String> items = new ArrayList<>(items(random, 3));
        String question = Pick.one(
                random,
                List.of(
                        "Repeat this list backwards: {items}.",
                        "Say this list backwards: {items}.",
                        "Write this list backwards: {items}."));
        String asked = Template.fill(question, Map.of("items", String.join(", ", items)), random);
        Collections.reverse(items);
        Turn.exchange(turns, asked, String.join(", ", items));
    }

    private static List<String> items(RandomGenerator random, int count) {
        if (Pick.chance(random, 20)) {
            return Pick.several(random, Words.NAMES, count);
        }
        List<String> all = KINDS.stream().flatMap(kind -> kind.items().stream()).toList();
        return Pick.several(random, all, count);
    }

    private static String article(String noun) {
        return ("aeiou".indexOf(noun.charAt(0)) >= 0 ? "an " : "a ") + noun;
    }
}
