package dev.kvasir.benchmarks.training.corpus.story;

import dev.kvasir.benchmarks.training.corpus.Pick;
import dev.kvasir.benchmarks.training.corpus.Split;
import dev.kvasir.benchmarks.training.corpus.Template;
import dev.kvasir.benchmarks.training.corpus.Words;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A story that has been told: what was decided before the first sentence, and the text.
 *
 * @param plot what happens
 * @param slots who, where and with what
 * @param text as told
 */
record Story(Plot plot, Map<String, String> slots, String text) {
    private static final List<Plot> PLOTS = Stream.of(PlotsOfLoss.ALL, PlotsOfFriendship.ALL, PlotsOfEffort.ALL)
            .flatMap(List::stream)
            .toList();
    private static final Pattern SLOT = Pattern.compile("\\{(\\w+)}");

    /** Slots that say nothing by themselves, so that a text needn't have them to answer with them. */
    private static final Set<String> PRONOUNS = Set.of(
            "he", "him", "his", "hhe", "hhim", "hhis", "ehe", "ehim", "ehis", "theme", "trait", "a_kind", "a_trait");

    private static final List<Plot.Question> COMMON_QUESTIONS = List.of(
            new Plot.Question(
                    "What was the story about? | Who was the story about?",
                    "The story was about {hero}, a {trait} {kind}. | It was about a {trait} {kind} named {hero}."),
            new Plot.Question("What colour was the {thing}?", "The {thing} was {colour}. | It was {colour}."),
            new Plot.Question("Who was {helper}?", "{Helper} was a {htrait} {hkind}. | {Helper} was the {hkind}."),
            new Plot.Question("Who was {hero}?", "{Hero} was a {trait} {kind}. | {Hero} was the {kind}."),
            new Plot.Question("What was the name of the {kind}?", "The name of the {kind} was {hero}."),
            new Plot.Question("What was the name of the {hkind}?", "The name of the {hkind} was {helper}."));

    /** Returns a new story. */
    static Story tell(RandomGenerator random, Split split) {
        Plot plot = Pick.one(random, PLOTS);
        Map<String, String> slots = slots(random, split, plot);
        plot.slots().forEach((name, template) -> {
            if (!name.equals("place")) {
                slots.put(name, Template.fill(template, slots, random));
            }
        });
        slots.put("open", Template.fill(Pick.one(random, Setting.OPENINGS), slots, random));
        slots.put("theme", Template.fill(plot.theme(), slots, random));
        return new Story(plot, Map.copyOf(slots), sentences(plot.sentences(), slots, random));
    }

    /** Returns what happens after the story. */
    String sequel(RandomGenerator random) {
        return sentences(plot.sequel(), slots, random);
    }

    /** Returns the question and the answer that the text gives, or nothing if the text happens not to say it. */
    Optional<Plot.Question> question(RandomGenerator random) {
        List<Plot.Question> questions = Pick.chance(random, 65) ? plot.questions() : COMMON_QUESTIONS;
        Plot.Question question = Pick.one(random, questions);
        String asked = Pick.one(random, List.of(question.asked().split(" \\| ")));
        String answer = Pick.one(random, List.of(question.answer().split(" \\| ")));
        boolean colourKnown =
                !answer.contains("{colour}") || text.contains(slots.get("colour") + " " + slots.get("thing"));
        if (!tells(asked) || !tells(answer) || !colourKnown) {
            return Optional.empty();
        }
        return Optional.of(
                new Plot.Question(Template.fill(asked, slots, random), Template.fill(answer, slots, random)));
    }

    /** Returns whether the text says what the template's slots hold. */
    boolean tells(String template) {
        Matcher slot = SLOT.matcher(template);
        String told = text.toLowerCase(Locale.ROOT);
        while (slot.find()) {
            String name = slot.group(1).toLowerCase(Locale.ROOT);
            String value = slots.getOrDefault(name.startsWith("a_") ? name.substring(2) : name, "");
            if (!PRONOUNS.contains(name)
                    && !told.matches("(?s).*\\b" + Pattern.quote(value.toLowerCase(Locale.ROOT)) + "\\b.*")) {
                return false;
            }
        }
        return true;
    }

    /** Returns the template with what the slots hold, blanks as they stand. */
    String fillKeepingBlanks(String template) {
        return SLOT.matcher(template).replaceAll(slot -> slots.getOrDefault(slot.group(1), ""));
    }

    private static String sentences(List<String> templates, Map<String, String> slots, RandomGenerator random) {
        List<String> sentences = new ArrayList<>();
        for (String template : templates) {
            boolean optional = template.startsWith("?");
            if (!optional || random.nextBoolean()) {
                sentences.add(
                        Template.capitalise(Template.fill(optional ? template.substring(1) : template, slots, random)));
            }
        }
        return String.join(" ", sentences);
    }

    private static Map<String, String> slots(RandomGenerator random, Split split, Plot plot) {
        Map<String, String> slots = new HashMap<>();
        boolean heldOut = split == Split.HELD_OUT || Pick.chance(random, 10);
        boolean heroine = random.nextBoolean();
        boolean helperine = random.nextBoolean();
        String hero = name(random, heldOut, heroine);
        String helper = name(random, heldOut, helperine);
        while (helper.equals(hero)) {
            helper = name(random, heldOut, helperine);
        }
        String kind = kind(random, heroine);
        String helperKind = kind(random, helperine);
        while (helperKind.equals(kind)) {
            helperKind = kind(random, helperine);
        }
        String elder = helperine ? "woman" : "man";
        if (plot.theme().contains("{elder}")) {
            helperKind = elder;
        }
        List<String> traits = Pick.several(random, Setting.TRAITS, 2);
        String places = plot.slots().getOrDefault("place", String.join("|", Setting.PLACE_NAMES));
        String place = Template.fill(places, Map.of(), random);
        List<String> spots = Pick.several(random, Setting.PLACES.getOrDefault(place, List.of()), 2);
        slots.put("hero", hero);
        slots.put("helper", helper);
        slots.put("kind", kind);
        slots.put("a_kind", "a " + kind);
        slots.put("hkind", helperKind);
        slots.put("a_hkind", "a " + helperKind);
        slots.put("elder", elder);
        slots.put("trait", traits.get(0));
        slots.put("htrait", traits.get(1));
        slots.put("a_htrait", "a " + traits.get(1));
        slots.put("place", place);
        slots.put("spot", spots.get(0));
        slots.put("wrong", spots.get(1));
        slots.put("thing", Pick.one(random, Setting.THINGS));
        slots.put("colour", Pick.one(random, Words.COLOURS));
        slots.put("fcolour", Pick.one(random, List.of("red", "yellow", "white", "pink", "purple")));
        slots.put("food", Pick.one(random, Setting.FOODS));
        slots.put("time", Pick.one(random, Setting.TIMES));
        slots.put("evening", Pick.one(random, Setting.EVENINGS));
        putPronouns(slots, "", heroine);
        putPronouns(slots, "h", helperine);
        putPronouns(slots, "e", helperine);
        return slots;
    }

    private static void putPronouns(Map<String, String> slots, String prefix, boolean female) {
        slots.put(prefix + "he", female ? "she" : "he");
        slots.put(prefix + "him", female ? "her" : "him");
        slots.put(prefix + "his", female ? "her" : "his");
    }

    private static String name(RandomGenerator random, boolean heldOut, boolean female) {
        if (heldOut) {
            return Pick.one(random, female ? Words.HELD_OUT_GIRLS : Words.HELD_OUT_BOYS);
        }
        return Pick.one(random, female ? Words.GIRLS : Words.BOYS);
    }

    private static String kind(RandomGenerator random, boolean female) {
        return Pick.chance(random, 35) ? (female ? "girl" : "boy") : Pick.one(random, Setting.CREATURES);
    }
}
