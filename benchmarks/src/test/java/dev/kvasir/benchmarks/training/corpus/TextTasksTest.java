package dev.kvasir.benchmarks.training.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.benchmarks.training.corpus.story.StoryTask;
import dev.kvasir.testing.RandomizedTest;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TextTasksTest {
    private static final List<Task> TASKS = List.of(new StoryTask(), new ChatTask(), new ListTask(), new SumTask());
    private static final int MOST_WORDS = 1_500;

    @RandomizedTest
    void sameSeedMakesTheSameConversation(SplittableRandom random) {
        long seed = random.nextLong();
        for (Task task : TASKS) {
            for (Split split : Split.values()) {
                assertThat(task.next(new SplittableRandom(seed), split))
                        .isEqualTo(task.next(new SplittableRandom(seed), split));
            }
        }
    }

    @RandomizedTest
    void userAndAssistantTakeTurnsAfterTheSystem(SplittableRandom random) {
        for (Task task : TASKS) {
            for (int i = 0; i < 50; i++) {
                List<Role> roles = task.next(random, Split.TRAINING).turns().stream()
                        .map(Turn::role)
                        .toList();
                int start = roles.get(0) == Role.SYSTEM ? 1 : 0;
                assertThat(roles.size() - start).isPositive().isEven();
                for (int turn = start; turn < roles.size(); turn++) {
                    assertThat(roles.get(turn)).isEqualTo((turn - start) % 2 == 0 ? Role.USER : Role.ASSISTANT);
                }
            }
        }
    }

    @RandomizedTest
    void textIsCleanAscii(SplittableRandom random) {
        for (Task task : TASKS) {
            for (int i = 0; i < 50; i++) {
                Split split = i % 2 == 0 ? Split.TRAINING : Split.HELD_OUT;
                for (Turn turn : task.next(random, split).turns()) {
                    assertThat(turn.text())
                            .matches(
                                    "[A-Z0-9\"][A-Za-z0-9 .,:;?!'\"+\\-\\n]*|[a-z]+, [a-z]+, [a-z]+|[A-Za-z]+, [A-Za-z]+, [A-Za-z]+")
                            .doesNotContain("  ", "..", " .", " ,")
                            .doesNotContainPattern("\\b[Aa] [aeiou]");
                }
            }
        }
    }

    @Test
    void vocabularyIsSmall() {
        SplittableRandom random = new SplittableRandom(1);
        Set<String> words = new HashSet<>();
        for (Task task : TASKS) {
            for (int i = 0; i < 5_000; i++) {
                task.next(random, Split.TRAINING)
                        .turns()
                        .forEach(turn -> words.addAll(
                                List.of(turn.text().toLowerCase(Locale.ROOT).split("[^a-z]+"))));
            }
        }
        assertThat(words).hasSizeLessThan(MOST_WORDS);
    }

    @RandomizedTest
    void heldOutConversationsNameNobodyFromTraining(SplittableRandom random) {
        for (Task task : List.of(new StoryTask(), new SumTask())) {
            for (int i = 0; i < 50; i++) {
                for (Turn turn : task.next(random, Split.HELD_OUT).turns()) {
                    assertThat(List.of(turn.text().split("[^A-Za-z]+"))).doesNotContainAnyElementsOf(Words.NAMES);
                }
            }
        }
    }
}
