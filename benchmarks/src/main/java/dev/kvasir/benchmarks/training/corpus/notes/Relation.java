package dev.kvasir.benchmarks.training.corpus.notes;

import dev.kvasir.benchmarks.training.corpus.Words;
import java.util.List;

/** What a note can say about a person; in a set of notes each value is said of one person only. */
enum Relation {
    HAS(
            Words.OBJECTS,
            List.of("%s has the %s.", "%s is carrying the %s.", "%s owns the %s."),
            List.of("The %s is with %s.", "The %s belongs to %s."),
            "What does %s have?",
            "Who has the %s?",
            "the one who has the %s",
            "The %s."),
    IN(
            Words.PLACES,
            List.of("%s is in the %s.", "%s went to the %s.", "%s is waiting in the %s."),
            List.of("In the %s is %s.", "In the %s you find %s."),
            "Where is %s?",
            "Who is in the %s?",
            "the one in the %s",
            "In the %s."),
    LIKES(
            Words.FOODS,
            List.of("%s likes %s.", "%s loves %s.", "%s is fond of %s."),
            List.of("The %s will please %s.", "The %s are for %s."),
            "What does %s like?",
            "Who likes %s?",
            "the one who likes %s",
            "Some %s."),
    WORKS(
            Words.JOBS,
            List.of("%s is a %s.", "%s works as a %s.", "%s became a %s."),
            List.of("The %s is %s.", "The %s is called %s."),
            "What is the job of %s?",
            "Who is the %s?",
            "the %s",
            "A %s.");

    final List<String> values;
    private final List<String> statements;
    private final List<String> restatements;
    private final String question;
    private final String who;
    private final String description;
    private final String answer;

    Relation(
            List<String> values,
            List<String> statements,
            List<String> restatements,
            String question,
            String who,
            String description,
            String answer) {
        this.values = values;
        this.statements = statements;
        this.restatements = restatements;
        this.question = question;
        this.who = who;
        this.description = description;
        this.answer = answer;
    }

    /** Returns every way to say that it holds that begins with the person. */
    List<String> statements(String person, String value) {
        return statements.stream()
                .map(statement -> statement.formatted(person, value))
                .toList();
    }

    /** Returns every way to say that it holds that begins with the value. */
    List<String> restatements(String value, String person) {
        return restatements.stream()
                .map(restatement -> restatement.formatted(value, person))
                .toList();
    }

    /** Asks for the value. */
    String question(String person) {
        return question.formatted(person);
    }

    /** Asks for the person. */
    String who(String value) {
        return who.formatted(value);
    }

    /** Names the person by the value. */
    String description(String value) {
        return description.formatted(value);
    }

    /** Answers with the value. */
    String answer(String value) {
        return answer.formatted(value);
    }
}
