package dev.kvasir.benchmarks.training.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.testing.RandomizedTest;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

class SumTaskTest {
    private static final Pattern NUMBER = Pattern.compile("\\d+");

    @RandomizedTest
    void answersAreRight(SplittableRandom random) {
        for (int i = 0; i < 200; i++) {
            Split split = i % 2 == 0 ? Split.TRAINING : Split.HELD_OUT;
            List<Turn> turns = new SumTask().next(random, split).turns();
            for (int turn = 1; turn < turns.size(); turn++) {
                if (turns.get(turn).role() == Role.ASSISTANT) {
                    check(turns.get(turn - 1).text(), turns.get(turn).text(), split);
                }
            }
        }
    }

    private static void check(String asked, String answer, Split split) {
        List<Integer> in = numbers(asked);
        List<Integer> out = numbers(answer);
        int first = in.get(0);
        int second = in.size() > 1 ? in.get(1) : 0;
        if (asked.contains("plus") || asked.contains("+") || asked.startsWith("Add")) {
            assertThat(answer).isEqualTo("%d plus %d is %d.", first, second, first + second);
            assertThat(SumTask.splitOf(first, second)).isEqualTo(split);
        } else if (asked.contains("minus") || asked.contains(" - ")) {
            assertThat(answer).isEqualTo("%d minus %d is %d.", first, second, first - second);
            assertThat(SumTask.splitOf(first, second)).isEqualTo(split);
        } else if (asked.startsWith("Take")) {
            assertThat(answer).isEqualTo("%d minus %d is %d.", second, first, second - first);
        } else if (asked.toLowerCase().contains("count from")) {
            assertThat(out)
                    .isEqualTo(IntStream.rangeClosed(first, second).boxed().toList());
        } else if (asked.contains("comes") || asked.contains("What number is")) {
            assertThat(out).containsExactly(asked.contains("after") ? first + 1 : first - 1, first);
        } else if (asked.contains("How many")) {
            boolean more = asked.contains("more");
            assertThat(out).containsExactly(more ? first + second : first - second);
            assertThat(answer).startsWith(asked.substring(0, asked.indexOf(' ')));
        } else {
            assertThat(first).isNotEqualTo(second);
            int most = Math.max(first, second);
            int least = Math.min(first, second);
            boolean more = asked.contains("more");
            assertThat(out).containsExactly(more ? most : least, more ? least : most);
        }
    }

    private static List<Integer> numbers(String text) {
        return NUMBER.matcher(text)
                .results()
                .map(MatchResult::group)
                .map(Integer::valueOf)
                .toList();
    }
}
