package dev.kvasir.benchmarks.training.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.testing.RandomizedTest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ListTaskTest {
    private static final List<String> ORDINALS = List.of("first", "second", "third", "fourth", "fifth");

    @Test
    void noItemIsOfTwoKinds() {
        assertThat(ListTask.KINDS.stream().flatMap(kind -> kind.items().stream()))
                .doesNotHaveDuplicates();
    }

    @RandomizedTest
    void answersAreRight(SplittableRandom random) {
        for (int i = 0; i < 200; i++) {
            List<Turn> turns = new ListTask()
                    .next(random, i % 2 == 0 ? Split.TRAINING : Split.HELD_OUT)
                    .turns();
            for (int turn = 1; turn < turns.size(); turn++) {
                if (turns.get(turn).role() == Role.ASSISTANT) {
                    check(turns.get(turn - 1).text(), turns.get(turn).text());
                }
            }
        }
    }

    private static void check(String asked, String answer) {
        if (!asked.contains(":")) {
            List<String> lines = answer.lines().toList();
            String count = Integer.toString(lines.size());
            assertThat(List.of(asked.split("\\W+"))).containsAnyOf(count, ListTask.NUMBERS.get(lines.size()));
            ListTask.Kind kind = ListTask.KINDS.stream()
                    .filter(each -> asked.contains(" " + each.many()))
                    .findFirst()
                    .orElseThrow();
            assertThat(IntStream.range(0, lines.size())
                            .mapToObj(i -> lines.get(i).replaceFirst("^" + (i + 1) + "\\. ", "")))
                    .doesNotHaveDuplicates()
                    .isSubsetOf(kind.items());
            return;
        }
        List<String> items = new ArrayList<>(List.of(
                asked.substring(asked.indexOf(": ") + 2).replaceAll("[.?]$", "").split(", ")));
        if (asked.startsWith("Which of these") || asked.startsWith("Which one")) {
            ListTask.Kind kind = ListTask.KINDS.stream()
                    .filter(each -> asked.contains(" " + each.one() + ":"))
                    .findFirst()
                    .orElseThrow();
            items.retainAll(kind.items());
            assertThat(items).hasSize(1);
            assertThat(answer).isEqualTo("It is " + items.get(0) + ".");
        } else if (asked.contains("backwards")) {
            Collections.reverse(items);
            assertThat(answer).isEqualTo(String.join(", ", items));
        } else if (asked.contains("How many") || asked.startsWith("Count")) {
            assertThat(answer).contains(" " + ListTask.NUMBERS.get(items.size()) + " ");
        } else {
            String item = asked.contains("last")
                    ? items.get(items.size() - 1)
                    : items.get(IntStream.range(0, ORDINALS.size())
                            .filter(i -> asked.contains(ORDINALS.get(i)))
                            .findFirst()
                            .orElseThrow());
            assertThat(answer).endsWith(" is " + item + ".");
        }
    }
}
