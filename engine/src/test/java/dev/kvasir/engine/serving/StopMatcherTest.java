package dev.kvasir.engine.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.testing.RandomizedTest;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class StopMatcherTest {
    @Test
    void tellsWhatCantBePartOfAStopStringAtOnce() {
        StopMatcher matcher = new StopMatcher(List.of("STOP"));
        assertThat(matcher.next("abS")).isEqualTo("ab");
        assertThat(matcher.next("T")).isEmpty();
        assertThat(matcher.next("x")).isEqualTo("STx");
        assertThat(matcher.next("STOPy")).isEmpty();
        assertThat(matcher.isMatched()).isTrue();
        assertThat(matcher.next("z")).isEmpty();
        assertThat(matcher.finish()).isEmpty();
    }

    @Test
    void holdsNothingBackWithoutStopStrings() {
        StopMatcher matcher = new StopMatcher(List.of());
        assertThat(matcher.next("abc")).isEqualTo("abc");
        assertThat(matcher.finish()).isEmpty();
    }

    /** Whatever the pieces, the text is the oracle's; and what was told is never more than what is certain by then. */
    @RandomizedTest
    void agreesWithTheWholeText(SplittableRandom random) {
        List<String> stops = new ArrayList<>();
        for (int i = random.nextInt(1, 5); i > 0; i--) {
            stops.add(text(random, random.nextInt(1, 5)));
        }
        String whole = text(random, random.nextInt(0, 60));
        StopMatcher matcher = new StopMatcher(stops);
        StringBuilder told = new StringBuilder();
        for (int from = 0; from < whole.length() && !matcher.isMatched(); ) {
            int to = Math.min(whole.length(), from + random.nextInt(1, 6));
            told.append(matcher.next(whole.substring(from, to)));
            from = to;
            assertThat(told.length()).isLessThanOrEqualTo(cut(whole, stops));
        }
        told.append(matcher.finish());
        assertThat(told.toString()).isEqualTo(whole.substring(0, cut(whole, stops)));
        assertThat(matcher.isMatched()).isEqualTo(firstCut(whole, stops) < Integer.MAX_VALUE);
    }

    private static int cut(String whole, List<String> stops) {
        return Math.min(whole.length(), firstCut(whole, stops));
    }

    /** Where the text ends: grow it by a character until it ends with a stop string. */
    private static int firstCut(String whole, List<String> stops) {
        for (int end = 1; end <= whole.length(); end++) {
            int longest = 0;
            for (String stop : stops) {
                if (whole.substring(0, end).endsWith(stop)) {
                    longest = Math.max(longest, stop.length());
                }
            }
            if (longest > 0) {
                return end - longest;
            }
        }
        return Integer.MAX_VALUE;
    }

    /** Few letters, so that beginnings of stop strings are everywhere. */
    private static String text(SplittableRandom random, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append((char) ('a' + random.nextInt(3)));
        }
        return text.toString();
    }
}
