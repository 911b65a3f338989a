package dev.kvasir.benchmarks.training.corpus.story;

import dev.kvasir.benchmarks.training.corpus.Pick;
import dev.kvasir.benchmarks.training.corpus.Split;
import dev.kvasir.benchmarks.training.corpus.Template;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** How a user asks for a story. */
final class Wish {
    private static final List<String> OPENERS = List.of(
            "Tell me {a} story{about}.",
            "Please tell me {a} story{about}.",
            "Can you tell me {a} story{about}?",
            "Tell {a} story{about}.",
            "Write {a} story{about}.",
            "Please write {a} story{about}.",
            "Can you write {a} story{about}?",
            "I want to hear {a} story{about}.",
            "I would like {a} story{about}.",
            "Make up {a} story{about}.",
            "Could you tell me {a} story{about}, please?",
            "Give me {a} story{about}.");

    private static final List<String> OPENERS_HELD_OUT =
            List.of("Let me hear {a} story{about}.", "May I have {a} story{about}?", "Do you know {a} story{about}?");

    /** What it is about; a request can use one if the story has what it names. */
    private static final List<String> SUBJECTS = List.of(
            "",
            " about {a_kind}",
            " about {a_kind}",
            " about a {trait} {kind}",
            " about {hero}",
            " about {hero} and {helper}",
            " about {a_kind} named {hero}",
            " about {hero} in the {place}",
            " about {a_kind} in the {place}",
            " about {a_kind} and a {thing}",
            " about {a_kind} and {a_hkind}",
            " about a {thing}",
            " about a {colour} {thing}",
            " about {hero} and a {colour} {thing}",
            " about {theme}",
            " about {a_kind} and {theme}",
            " about {hero} and {theme}");

    private Wish() {}

    /** Returns a request that the story answers: all it names is in the story. */
    static String request(Story story, boolean another, RandomGenerator random, Split split) {
        String subject = subject(story, random);
        String article = another ? "another" : Pick.one(random, List.of("a", "a", "a short"));
        List<String> openers = split == Split.TRAINING ? OPENERS : OPENERS_HELD_OUT;
        return Template.fill(Pick.one(random, openers), Map.of("a", article, "about", subject), random);
    }

    private static String subject(Story story, RandomGenerator random) {
        if (Pick.chance(random, 15)) {
            return "";
        }
        while (true) {
            String subject = Pick.one(random, SUBJECTS);
            if (story.tells(subject)) {
                return story.fillKeepingBlanks(subject);
            }
        }
    }
}
