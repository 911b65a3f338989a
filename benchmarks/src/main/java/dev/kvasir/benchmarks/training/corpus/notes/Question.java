package dev.kvasir.benchmarks.training.corpus.notes;

import dev.kvasir.benchmarks.training.corpus.Hint;
import dev.kvasir.benchmarks.training.corpus.Hint.Kind;
import dev.kvasir.benchmarks.training.corpus.Split;
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
    /** What stands before a sentence that a note says. */
    static final String QUOTED = "Noted: ";

    static final String NOT_STATED = "Not stated.";

    private static final int RELATIONS = Relation.values().length;

    /** Asks what a note says of a person. */
    static Question forValue(RandomGenerator random, Split split, Note note) {
        return forValue(random, split, note.fact(), QUOTED + note.ofPerson());
    }

    /** Asks what no note says of a person. */
    static Question forMissingValue(RandomGenerator random, Split split, Fact fact) {
        return forValue(random, split, fact, NOT_STATED);
    }

    private static Question forValue(RandomGenerator random, Split split, Fact fact, String answer) {
        return ask(random, split, fact.relation().ordinal(), fact.relation().question(fact.person()), answer);
    }

    /** Asks of whom a note says something. */
    static Question forPerson(RandomGenerator random, Split split, Note note) {
        return forPerson(random, split, note.fact(), QUOTED + note.ofValue());
    }

    /** Asks of whom something is said that no note says. */
    static Question forMissingPerson(RandomGenerator random, Split split, Fact fact) {
        return forPerson(random, split, fact, NOT_STATED);
    }

    private static Question forPerson(RandomGenerator random, Split split, Fact fact, String answer) {
        return ask(
                random,
                split,
                RELATIONS + fact.relation().ordinal(),
                fact.relation().who(fact.value()),
                answer);
    }

    /** Asks what the second fact says of the person whom the first fact describes. */
    static Question forLinkedValue(RandomGenerator random, Split split, Fact description, Fact sought) {
        Question question = ask(
                random,
                split,
                description.relation().ordinal() * RELATIONS + sought.relation().ordinal(),
                sought.relation().question(description.relation().description(description.value())),
                sought.relation().answer(sought.value()));
        return new Question(
                question.text,
                question.answer,
                List.of(answerHint(question.text, description.value(), sought.value())));
    }

    /** Returns the hint that at a word the answer should be known. */
    static Hint answerHint(String text, String word, String answer) {
        Matcher said = Pattern.compile("\\b" + word + "\\b").matcher(text);
        if (!said.find()) {
            throw new IllegalArgumentException("'" + text + "' doesn't have the word " + word);
        }
        return new Hint(said.end(), Kind.ANSWER, answer);
    }

    Question notStated() {
        return new Question(text, NOT_STATED, List.of());
    }

    private static Question ask(RandomGenerator random, Split split, int kind, String question, String answer) {
        return new Question(Frame.ask(random, split, kind, question), answer, List.of());
    }
}
