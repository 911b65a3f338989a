package dev.kvasir.runner.guided;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvasir.runner.Guides.GuideException;
import dev.kvasir.testing.RandomizedTest;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.apache.lucene.util.automaton.Automaton;
import org.apache.lucene.util.automaton.Operations;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Patterns against Java's own, and numbers against arithmetic. */
class LanguagesTest {
    private static Limits limits() {
        return new Limits(() -> 0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "abc",
                "a|bc|",
                "a*b+c?",
                "(ab){2,3}",
                "[a-c]+",
                "[^a-c]",
                "\\d{2}",
                "a{0}b",
                "(?:a|b)*",
                "(?<n>a)b",
                "^a",
                "b$",
                "^ab$",
                "(^a|b$)",
                "a.c",
                "\\\\",
                "[\\]a-]+",
                "\\x61\\u0062",
                "a{2,}",
                "[\\w-]+",
                "^$",
                "\\s",
                "\\S"
            })
    void patternsMatchWhatJavasDo(String regex) throws Exception {
        Automaton found = Languages.found(regex, limits());
        Automaton matched = Languages.matched(regex, limits());
        java.util.regex.Pattern pattern = java.util.regex.Pattern.compile(regex);
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 2000; i++) {
            StringBuilder text = new StringBuilder();
            for (int n = random.nextInt(7); n > 0; n--) {
                text.append("aabbcc12-]\\. d".charAt(random.nextInt(14)));
            }
            String shown = text.toString();
            assertThat(Operations.run(found, shown))
                    .as("found in '%s'", shown)
                    .isEqualTo(pattern.matcher(shown).find());
            assertThat(Operations.run(matched, shown))
                    .as("'%s'", shown)
                    .isEqualTo(pattern.matcher(shown).matches());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(",
                ")",
                "a)",
                "[a",
                "a{2,1}",
                "*",
                "\\",
                "(?=a)",
                "\\1",
                "\\b",
                "[b-a]",
                "\\ud800",
                "a{99999999}",
                "\\p{L}"
            })
    void whatIsWrongOrNotRegularIsRefused(String regex) {
        assertThatThrownBy(() -> Languages.found(regex, limits()))
                .isInstanceOf(GuideException.class)
                .hasMessageContaining("pattern");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(a{1000}){1000}",
                "((a{100}){100}){100}",
                "(.*a.{20}b){1,40}",
                "(a|b)*a(a|b){18}",
                "(x+x+)+y{5000}z{9000}w{9999}"
            })
    void bombsAreRefusedInTime(String regex) {
        long begun = System.nanoTime();
        assertThatThrownBy(() -> Languages.bytes(Languages.found(regex, limits()), limits()))
                .isInstanceOf(GuideException.class)
                .hasMessageMatching(".*(positions|steps|states).*");
        System.out.printf("bomb %s: %d ms%n", regex, (System.nanoTime() - begun) / 1_000_000);
    }

    @RandomizedTest(100)
    void boundsHold(SplittableRandom random) throws Exception {
        boolean integer = random.nextBoolean();
        BigDecimal low = random.nextInt(5) == 0 ? null : bound(random, integer);
        BigDecimal high = random.nextInt(5) == 0 ? null : bound(random, integer);
        if (low != null && high != null && low.compareTo(high) > 0) {
            BigDecimal swap = low;
            low = high;
            high = swap;
        }
        boolean openLow = random.nextBoolean();
        boolean openHigh = random.nextBoolean();
        BigDecimal step = random.nextInt(3) > 0
                ? null
                : integer
                        ? BigDecimal.valueOf(1 + random.nextInt(9))
                        : new BigDecimal(random.nextBoolean() ? "0.25" : "0.1");
        Automaton numbers = Languages.deterministic(
                Numbers.of(new Numbers.Bounds(low, openLow, high, openHigh, integer, step), limits()), limits());
        for (int i = 0; i < 500; i++) {
            BigDecimal value = bound(random, integer || random.nextBoolean());
            boolean expected = (low == null || value.compareTo(low) > (openLow ? 0 : -1))
                    && (high == null || value.compareTo(high) < (openHigh ? 0 : 1))
                    && (step == null || value.remainder(step).signum() == 0);
            assertThat(Operations.run(numbers, value.toPlainString()))
                    .as(
                            "%s in %s%s to %s%s by %s",
                            value, low, openLow ? " (open)" : "", high, openHigh ? " (open)" : "", step)
                    .isEqualTo(expected);
        }
        assertThat(Operations.run(numbers, "01")).isFalse();
        assertThat(Operations.run(numbers, "-0")).isFalse();
        assertThat(Operations.run(numbers, "1.")).isFalse();
        assertThat(Operations.run(numbers, "")).isFalse();
    }

    private static BigDecimal bound(SplittableRandom random, boolean integer) {
        long value = random.nextInt(4) == 0 ? random.nextInt(-3, 4) : random.nextInt(-1200, 1200);
        BigDecimal number = BigDecimal.valueOf(value);
        return integer
                ? number
                : number.add(new BigDecimal(new String[] {"0.5", "0.25", "0.1", "0.125"}[random.nextInt(4)]));
    }

    @Test
    void textsAreQuotedAsJsonHasThem() throws Exception {
        Automaton all = Languages.quoted(Languages.anyText(), limits());
        ByteDfa dfa = Languages.bytes(all, limits());
        assertThat(accepts(dfa, "\"a\\\"\\\\\\n\\u0001é日😀\"")).isTrue();
        assertThat(accepts(dfa, "\"\n\"")).isFalse();
        assertThat(accepts(dfa, "\"a\"b\"")).isFalse();
        assertThat(dfa.states()).isLessThan(40);
    }

    private static boolean accepts(ByteDfa dfa, String text) {
        int state = 0;
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            state = dfa.step(state, b);
            if (state == ByteDfa.DEAD) {
                return false;
            }
        }
        return dfa.isAccepting(state);
    }
}
