package dev.kvasir.benchmarks.training.corpus.story;

import java.util.List;
import java.util.Map;

/** What stories are made of, apart from plots. */
final class Setting {
    /** Places with spots where something can lie. */
    static final Map<String, List<String>> PLACES = Map.ofEntries(
            Map.entry("forest", List.of("under a bush", "behind a big tree", "next to a log", "near the stream")),
            Map.entry("garden", List.of("under a bush", "behind the apple tree", "next to the well", "by the fence")),
            Map.entry("meadow", List.of("in the high grass", "under a tree", "behind a big stone", "near the stream")),
            Map.entry("valley", List.of("behind a big stone", "under a tree", "near the river", "in the high grass")),
            Map.entry("park", List.of("under a bench", "behind a big tree", "near the pond", "next to the gate")),
            Map.entry("field", List.of("in the high grass", "by the fence", "behind a big stone", "under a bush")),
            Map.entry("village", List.of("next to the well", "under a bench", "behind a wall", "near the bridge")),
            Map.entry("yard", List.of("behind a wall", "under a bench", "by the fence", "next to the gate")),
            Map.entry("harbor", List.of("behind a boat", "under a bench", "next to a barrel", "on a wall")),
            Map.entry("market", List.of("under a table", "behind a barrel", "next to the gate", "under a bench")),
            Map.entry("barn", List.of("in the hay", "behind the door", "next to a barrel", "under a bench")),
            Map.entry("stable", List.of("in the hay", "behind the door", "under a bench", "by the window")),
            Map.entry("mill", List.of("behind a sack", "under the stairs", "by the window", "next to a barrel")),
            Map.entry("castle", List.of("under the stairs", "behind the door", "by the window", "on a shelf")),
            Map.entry("tower", List.of("under the stairs", "by the window", "behind the door", "on a shelf")),
            Map.entry("library", List.of("on a shelf", "under a table", "by the window", "behind the door")),
            Map.entry("school", List.of("under a table", "on a shelf", "behind the door", "under the stairs")),
            Map.entry("kitchen", List.of("under a table", "on a shelf", "behind the door", "by the window")),
            Map.entry("museum", List.of("under the stairs", "under a bench", "behind the door", "by the window")),
            Map.entry("hall", List.of("under a bench", "behind the door", "under a table", "under the stairs")),
            Map.entry("cottage", List.of("under a table", "behind the door", "on a shelf", "by the window")),
            Map.entry("workshop", List.of("under a table", "on a shelf", "behind the door", "next to a barrel")));

    static final List<String> PLACE_NAMES = PLACES.keySet().stream().sorted().toList();

    static final List<String> CREATURES = List.of(
            "dog",
            "cat",
            "fox",
            "bear",
            "rabbit",
            "mouse",
            "frog",
            "duck",
            "goat",
            "pig",
            "sheep",
            "horse",
            "bird",
            "squirrel",
            "hedgehog",
            "turtle",
            "deer",
            "monkey",
            "donkey",
            "badger",
            "wolf",
            "lion");

    static final List<String> TRAITS = List.of(
            "kind",
            "brave",
            "shy",
            "curious",
            "clever",
            "quiet",
            "cheerful",
            "small",
            "young",
            "gentle",
            "friendly",
            "funny");

    /** What one can lose, win, hide or give. */
    static final List<String> THINGS = List.of(
            "key",
            "bell",
            "lamp",
            "ball",
            "kite",
            "drum",
            "book",
            "hat",
            "coat",
            "ring",
            "coin",
            "cup",
            "bowl",
            "spoon",
            "basket",
            "bag",
            "box",
            "blanket",
            "bucket",
            "candle",
            "clock",
            "comb",
            "doll",
            "flag",
            "flute",
            "map",
            "mirror",
            "notebook",
            "pen",
            "pencil",
            "picture",
            "pillow",
            "plate",
            "pot",
            "puzzle",
            "radio",
            "ribbon",
            "scarf",
            "shell",
            "stone",
            "toy",
            "whistle",
            "watch");

    static final List<String> FOODS = List.of(
            "plums",
            "bread",
            "soup",
            "cheese",
            "pears",
            "cherries",
            "carrots",
            "nuts",
            "honey",
            "cake",
            "pie",
            "berries",
            "cookies",
            "pancakes",
            "grapes",
            "potatoes",
            "apples");

    static final List<String> OPENINGS = List.of(
            "Once upon a time there was a {trait} {kind} named {hero}, who lived near the {place}.",
            "Once upon a time there was a {trait} {kind} named {hero}.",
            "Once there was a {trait} {kind} named {hero}, who lived near the {place}.",
            "Long ago, a {trait} {kind} named {hero} lived near the {place}.",
            "{Hero} was a {trait} {kind} who lived near the {place}.",
            "There once was a {trait} {kind}, and the name of the {kind} was {hero}.",
            "In a little house near the {place} lived a {trait} {kind} named {hero}.",
            "This is the story of {hero}, a {trait} {kind}.",
            "Near the {place} there lived a {trait} {kind} named {hero}.",
            "A long time ago there was a {trait} {kind} named {hero}.",
            "{Hero} was a {kind}, and everybody knew how {trait} {he} was.",
            "Do you know {hero}? {Hero} was a {trait} {kind} who lived near the {place}.");

    static final List<String> TIMES = List.of(
            "One morning",
            "One day",
            "One sunny day",
            "One cold morning",
            "One afternoon",
            "One warm day",
            "On a windy day",
            "On the first day of spring");

    static final List<String> EVENINGS = List.of("One evening", "One dark night", "Late one evening", "One cold night");

    private Setting() {}
}
