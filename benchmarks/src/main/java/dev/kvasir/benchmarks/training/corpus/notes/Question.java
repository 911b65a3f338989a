package dev.kvasir.benchmarks.training.corpus.notes;

import dev.kvasir.benchmarks.training.corpus.Hint;
import dev.kvasir.benchmarks.training.corpus.Hint.Kind;
import dev.kvasir.benchmarks.training.corpus.Split;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A question about notes.
 *
 * @param text the question as it is asked
 * @param answer the whole reply
 * @param hints what training tells about the words of the question
 */
record Question(String text, String answer, List<Hint> hints) {
    /** What stands before what a note says. */
    static final String QUOTED = "Noted: ";

    static final String NOT_STATED = "Not stated.";

    private static final int RELATIONS = Relation.values().length;

    /** Asks what a note says of a person. */
    static Question forValue(RandomGenerator random, Split split, Fact fact) {
        return askValue(random, split, fact)
                .answered(
                        QUOTED
                                + fact.relation()
                                        .statements(fact.person(), fact.value())
                                        .get(0),
                        " " + fact.value());
    }

    /** Asks what no note says of a person. */
    static Question forMissingValue(RandomGenerator random, Split split, Fact fact) {
        return askValue(random, split, fact).notStated();
    }

    private static Question askValue(RandomGenerator random, Split split, Fact fact) {
        return ask(random, split, fact.relation().ordinal(), fact.relation().question(fact.person()));
    }

    /** Asks of whom a note says something. */
    static Question forPerson(RandomGenerator random, Split split, Fact fact) {
        return askPerson(random, split, fact)
                .answered(
                        QUOTED
                                + fact.relation()
                                        .restatements(fact.value(), fact.person())
                                        .get(0),
                        " " + fact.person());
    }

    /** Asks of whom something is said that no note says. */
    static Question forMissingPerson(RandomGenerator random, Split split, Fact fact) {
        return askPerson(random, split, fact).notStated();
    }

    private static Question askPerson(RandomGenerator random, Split split, Fact fact) {
        return ask(
                random,
                split,
                RELATIONS + fact.relation().ordinal(),
                fact.relation().who(fact.value()));
    }

    /** Asks what the second fact says of the person whom the first fact describes. */
    static Question forLinkedValue(RandomGenerator random, Split split, Fact description, Fact sought) {
        Question question = ask(
                        random,
                        split,
                        description.relation().ordinal() * RELATIONS
                                + sought.relation().ordinal(),
                        sought.relation().question(description.relation().description(description.value())))
                .answered(sought.relation().answer(sought.value()), " " + sought.value());
        List<Hint> hints = new ArrayList<>(question.hints);
        hints.add(answerHint(question.text, description.value(), " " + sought.value()));
        return new Question(question.text, question.answer, hints);
    }

    /** Returns the hint that at a word the answer should be known, or how it begins. */
    static Hint answerHint(String text, String word, String answer) {
        Matcher said = Pattern.compile("\\b" + word + "\\b").matcher(text);
        if (!said.find()) {
            throw new IllegalArgumentException("'" + text + "' doesn't have the word " + word);
        }
        return new Hint(said.end(), Kind.ANSWER, answer);
    }

    Question notStated() {
        return answered(NOT_STATED, "Not");
    }

    /** Returns the same question with a reply, which is hinted at where the question ends. */
    private Question answered(String reply, String hint) {
        return new Question(text, reply, List.of(new Hint(text.indexOf('?') + 1, Kind.ANSWER, hint)));
    }

    private static Question ask(RandomGenerator random, Split split, int kind, String question) {
        return new Question(Frame.ask(random, split, kind, question), "", List.of());
    }
}
