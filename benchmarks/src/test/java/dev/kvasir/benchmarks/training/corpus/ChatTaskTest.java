package dev.kvasir.benchmarks.training.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.testing.RandomizedTest;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

class ChatTaskTest {
    @RandomizedTest
    void systemPromptGivesNameAndManner(SplittableRandom random) {
        for (int i = 0; i < 200; i++) {
            List<Turn> turns = new ChatTask().next(random, Split.TRAINING).turns();
            String system = turns.get(0).role() == Role.SYSTEM ? turns.get(0).text() : "";
            for (int turn = 1; turn < turns.size(); turn++) {
                if (turns.get(turn).role() != Role.ASSISTANT) {
                    continue;
                }
                String asked = turns.get(turn - 1).text();
                String answer = turns.get(turn).text();
                if (system.contains("one word")) {
                    assertThat(answer).matches("[A-Z][a-z]+\\.");
                } else if (system.contains("pirate")) {
                    assertThat(answer).startsWith("Arr! ");
                } else if (system.contains("sir or madam")) {
                    assertThat(answer).matches("(?s).*, sir or madam[.!?]");
                } else if (asked.equals("What is your name?")) {
                    String name = answer.replaceAll("^(My name is|I am) |\\.$", "");
                    assertThat(system.contains(name) || name.equals(ChatTask.NAME))
                            .as(system + answer)
                            .isTrue();
                }
            }
        }
    }

    @RandomizedTest
    void whatTheUserSaidComesBack(SplittableRandom random) {
        for (int i = 0; i < 200; i++) {
            List<Turn> turns = new ChatTask().next(random, Split.HELD_OUT).turns();
            for (int turn = 1; turn < turns.size(); turn++) {
                String answer = turns.get(turn).text();
                if (turns.get(turn).role() == Role.ASSISTANT
                        && answer.matches("(Your name is|You live in|You like) \\w+\\.")) {
                    String said = answer.substring(answer.lastIndexOf(' ') + 1, answer.length() - 1);
                    String before = turns.subList(0, turn - 1).stream()
                            .filter(earlier -> earlier.role() == Role.USER)
                            .map(Turn::text)
                            .collect(Collectors.joining(" "));
                    assertThat(before).contains(said);
                }
            }
        }
    }
}
