package dev.kvasir.benchmarks.training.corpus.notes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.benchmarks.training.corpus.Conversation;
import dev.kvasir.benchmarks.training.corpus.Hint;
import dev.kvasir.benchmarks.training.corpus.Hint.Kind;
import dev.kvasir.benchmarks.training.corpus.Role;
import dev.kvasir.benchmarks.training.corpus.Split;
import dev.kvasir.benchmarks.training.corpus.Task;
import dev.kvasir.benchmarks.training.corpus.Turn;
import dev.kvasir.benchmarks.training.corpus.Turn.Part;
import dev.kvasir.benchmarks.training.corpus.Words;
import dev.kvasir.testing.RandomizedTest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NotesTasksTest {
    private static final int SAMPLES = 100;
    private static final Task ONE_PASSAGE = new OnePassageTask(4, 9, 4);
    private static final Task TWO_HOP = new TwoHopTask(2, 4, 4, 0.5);
    private static final Task NOT_STATED = new NotStatedTask(3, 9, 5);

    // What can be said beginning with the person, with a blank for the name.
    private static final Map<String, Fact> STATEMENTS = new HashMap<>();

    static {
        for (Relation relation : Relation.values()) {
            for (String value : relation.values) {
                for (String statement : relation.statements("_", value)) {
                    STATEMENTS.put(statement, new Fact("", relation, value));
                }
            }
        }
    }

    /** Reads notes and question as a person would, from the text alone, and answers. */
    private static final class Reader {
        private final List<Fact> facts = new ArrayList<>();

        Reader(Conversation conversation) {
            for (Turn turn : conversation.turns()) {
                turn.parts().stream()
                        .filter(part -> part.passage() != Part.NO_PASSAGE)
                        .forEach(part -> read(part.text()));
            }
        }

        private void read(String note) {
            String[] sentences = note.substring("Note: ".length()).strip().split("(?<=\\.) ");
            for (int first = 0; first < 2; first++) {
                String person = sentences[first].split(" ")[0];
                Fact said = STATEMENTS.get("_" + sentences[first].substring(person.length()));
                if (said != null) {
                    Fact fact = new Fact(person, said.relation(), said.value());
                    assertThat(fact.relation().restatements(fact.value(), person))
                            .contains(sentences[1 - first]);
                    facts.add(fact);
                    return;
                }
            }
            assertThat(note).as("no fact").isEmpty();
        }

        String answer(String question) {
            Set<String> answers = new HashSet<>();
            for (Fact fact : facts) {
                if (question.contains(fact.relation().question(fact.person()))) {
                    answers.add("Noted: "
                            + fact.relation()
                                    .statements(fact.person(), fact.value())
                                    .get(0));
                }
                if (question.contains(fact.relation().who(fact.value()))) {
                    answers.add("Noted: "
                            + fact.relation()
                                    .restatements(fact.value(), fact.person())
                                    .get(0));
                }
                for (Fact other : facts) {
                    if (other.person().equals(fact.person())
                            && question.contains(
                                    other.relation().question(fact.relation().description(fact.value())))) {
                        answers.add(other.relation().answer(other.value()));
                    }
                }
            }
            assertThat(answers).as(question).hasSizeLessThanOrEqualTo(1);
            return answers.stream().findFirst().orElse("Not stated.");
        }
    }

    @RandomizedTest
    void everyAnswerFollowsFromTheNotes(SplittableRandom random) {
        Stream.of(ONE_PASSAGE, TWO_HOP, NOT_STATED).forEach(task -> {
            for (int i = 0; i < SAMPLES; i++) {
                Conversation conversation = task.next(random, i % 2 == 0 ? Split.TRAINING : Split.HELD_OUT);
                Reader reader = new Reader(conversation);
                String question = "";
                for (Turn turn : conversation.turns()) {
                    if (turn.role() == Role.USER) {
                        question = turn.parts().get(turn.parts().size() - 1).text();
                    } else if (turn.role() == Role.ASSISTANT) {
                        assertThat(turn.text())
                                .as("%s: %s", task.name(), question)
                                .isEqualTo(reader.answer(question));
                    }
                }
            }
        });
    }

    @RandomizedTest
    void heldOutQuestionsHaveTheirOwnNamesAndWordings(SplittableRandom random) {
        Stream.of(ONE_PASSAGE, TWO_HOP, NOT_STATED).forEach(task -> {
            for (int i = 0; i < SAMPLES; i++) {
                String training = text(task.next(random, Split.TRAINING));
                String heldOut = text(task.next(random, Split.HELD_OUT));
                assertThat(training.split("\\W+")).doesNotContainAnyElementsOf(Words.HELD_OUT_NAMES);
                assertThat(heldOut.split("\\W+")).doesNotContainAnyElementsOf(Words.NAMES);
            }
        });
    }

    @RandomizedTest
    void whatIsLinkedIsSaidOfTheSamePerson(SplittableRandom random) {
        for (int i = 0; i < SAMPLES; i++) {
            Conversation conversation = new LinkTask(1, 5, 0.5).next(random, Split.TRAINING);
            List<Fact> facts = new Reader(conversation).facts;
            List<String> asked = List.of(question(conversation).split("\\? ")[1].split(", "));
            StringBuilder expected = new StringBuilder();
            for (String word : asked) {
                List<Fact> said = facts.stream()
                        .filter(fact -> facts.stream()
                                .anyMatch(other -> other.person().equals(fact.person())
                                        && (other.person().equals(word)
                                                || other.value().equals(word))))
                        .toList();
                assertThat(said).hasSize(2);
                expected.append(expected.isEmpty() ? "" : " ").append(linked(word, said));
            }
            assertThat(reply(conversation)).isEqualTo(expected.toString());
        }
    }

    private static String linked(String word, List<Fact> said) {
        Fact known = said.get(0).value().equals(word) ? said.get(0) : said.get(1);
        return answer(known).replace(".", ": ") + answer(known == said.get(0) ? said.get(1) : said.get(0));
    }

    private static String answer(Fact fact) {
        return fact.relation().answer(fact.value());
    }

    private static String reply(Conversation conversation) {
        return conversation.turns().get(conversation.turns().size() - 1).text();
    }

    private static String question(Conversation conversation) {
        List<Part> asked =
                conversation.turns().get(conversation.turns().size() - 2).parts();
        return asked.get(asked.size() - 1).text();
    }

    @ParameterizedTest
    @EnumSource(Relation.class)
    void noQuestionHasTheSameFrameInBothSplits(Relation relation) {
        SplittableRandom random = new SplittableRandom(1);
        Set<String> training = new HashSet<>();
        Set<String> heldOut = new HashSet<>();
        for (int i = 0; i < SAMPLES; i++) {
            training.add(Frame.ask(random, Split.TRAINING, relation.ordinal(), "?"));
            heldOut.add(Frame.ask(random, Split.HELD_OUT, relation.ordinal(), "?"));
        }
        assertThat(heldOut).hasSize(1).doesNotContainAnyElementsOf(training);
        assertThat(training).hasSize(5);
    }

    @RandomizedTest
    void heldOutTwoHopPassagesStandApartInEitherOrder(SplittableRandom random) {
        Set<Boolean> describedFirst = new HashSet<>();
        for (int i = 0; i < SAMPLES; i++) {
            Conversation conversation = new TwoHopTask(3, 4, 1, 0.5).next(random, Split.HELD_OUT);
            assertThat(conversation.unseenPassages()).isEmpty();
            Turn asked = conversation.turns().get(conversation.turns().size() - 2);
            String question = asked.parts().get(asked.parts().size() - 1).text();
            List<Fact> facts = new Reader(conversation).facts;
            Fact described = linked(facts, question).orElseThrow();
            String answer =
                    conversation.turns().get(conversation.turns().size() - 1).text();
            Fact sought = facts.stream()
                    .filter(fact -> fact.person().equals(described.person()) && fact != described)
                    .findFirst()
                    .orElseThrow();
            assertThat(answer).isEqualTo(sought.relation().answer(sought.value()));
            int distance = facts.indexOf(sought) - facts.indexOf(described);
            assertThat(Math.abs(distance)).isGreaterThan(1);
            // A guess among the values of the right kind is right once in so many people.
            assertThat(facts)
                    .filteredOn(fact -> fact.relation() == sought.relation())
                    .hasSize(facts.size() / 2);
            describedFirst.add(distance > 0);
        }
        assertThat(describedFirst).hasSize(2);
    }

    @RandomizedTest
    void theEarlierPassageOfEachPairIsUnseen(SplittableRandom random) {
        for (int i = 0; i < SAMPLES; i++) {
            Conversation conversation = new TwoHopTask(2, 4, 4, 1).next(random, Split.TRAINING);
            List<Fact> facts = new Reader(conversation).facts;
            Set<String> seenBefore = new HashSet<>();
            for (int passage = 0; passage < facts.size(); passage++) {
                boolean first = seenBefore.add(facts.get(passage).person());
                assertThat(conversation.unseenPassages().contains(passage)).isEqualTo(first);
            }
        }
    }

    @RandomizedTest
    void hintsSayOfWhomAndWhatElse(SplittableRandom random) {
        for (int i = 0; i < SAMPLES; i++) {
            Conversation conversation = new TwoHopTask(2, 4, 4, 0.5).next(random, Split.TRAINING);
            List<Fact> facts = new Reader(conversation).facts;
            Map<String, String> before = new HashMap<>();
            List<Part> parts = conversation.turns().stream()
                    .flatMap(turn -> turn.parts().stream())
                    .filter(part -> part.passage() != Part.NO_PASSAGE)
                    .toList();
            for (Part part : parts) {
                Fact fact = facts.get(part.passage());
                assertThat(part.hints()).isNotEmpty();
                for (Hint hint : part.hints()) {
                    String read = part.text().substring(0, hint.at());
                    assertThat(read).contains(fact.person()).endsWith(" " + fact.value());
                    assertThat(hint.token())
                            .isEqualTo(" " + (hint.kind() == Kind.PERSON ? fact.person() : before.get(fact.person())));
                }
                assertThat(part.hints().stream().anyMatch(hint -> hint.kind() == Kind.LINKED))
                        .isEqualTo(before.put(fact.person(), fact.value()) != null);
            }
        }
    }

    @RandomizedTest
    void questionsHintAtTheirReplies(SplittableRandom random) {
        Stream.of(ONE_PASSAGE, TWO_HOP, NOT_STATED).forEach(task -> {
            for (int i = 0; i < SAMPLES; i++) {
                List<Turn> turns = task.next(random, Split.TRAINING).turns();
                for (int at = 0; at < turns.size(); at++) {
                    if (turns.get(at).role() == Role.USER) {
                        List<Part> parts = turns.get(at).parts();
                        Part asked = parts.get(parts.size() - 1);
                        assertThat(asked.hints()).isNotEmpty();
                        assertThat(asked.text()
                                        .substring(0, asked.hints().get(0).at()))
                                .endsWith("?");
                        for (Hint hint : asked.hints()) {
                            assertThat(hint.kind()).isEqualTo(Kind.ANSWER);
                            assertThat(turns.get(at + 1).text()).contains(hint.token());
                        }
                    }
                }
            }
        });
    }

    private static Optional<Fact> linked(List<Fact> facts, String question) {
        for (Fact fact : facts) {
            for (Fact other : facts) {
                if (other.person().equals(fact.person())
                        && question.contains(
                                other.relation().question(fact.relation().description(fact.value())))) {
                    return Optional.of(fact);
                }
            }
        }
        return Optional.empty();
    }

    private static String text(Conversation conversation) {
        StringBuilder text = new StringBuilder();
        conversation.turns().forEach(turn -> text.append(turn.text()).append('\n'));
        return text.toString();
    }
}
