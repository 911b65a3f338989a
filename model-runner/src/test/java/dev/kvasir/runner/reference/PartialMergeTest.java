package dev.kvasir.runner.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.kvasir.runner.reference.PartialMerge.Partial;
import dev.kvasir.testing.RandomizedTest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class PartialMergeTest {
    private static Partial partial(double logsumexp, double... output) {
        return new Partial(output, logsumexp);
    }

    private static void assertClose(Partial actual, Partial expected) {
        assertThat(actual.logsumexp()).isCloseTo(expected.logsumexp(), within(1e-12));
        assertThat(actual.output()).hasSameSizeAs(expected.output());
        for (int i = 0; i < expected.output().length; i++) {
            assertThat(actual.output()[i]).isCloseTo(expected.output()[i], within(1e-12));
        }
    }

    @Test
    void weighsByTheExponentialsOfLogsumexp() {
        Partial merged = PartialMerge.merge(List.of(partial(Math.log(3), 1, 0), partial(Math.log(1), 5, 8)));
        assertClose(merged, partial(Math.log(4), 2, 2));
    }

    @Test
    void anEmptyPartChangesNothingOnEitherSide() {
        Partial some = partial(-3, 1, 2);
        assertClose(PartialMerge.merge(List.of(Partial.empty(2), some)), some);
        assertClose(PartialMerge.merge(List.of(some, Partial.empty(2))), some);
        assertClose(PartialMerge.merge(List.of(Partial.empty(2), some, Partial.empty(2))), some);
    }

    @Test
    void emptyPartsMergeToAnEmptyPart() {
        for (int count = 1; count < 4; count++) {
            Partial merged = PartialMerge.merge(Collections.nCopies(count, Partial.empty(3)));
            assertThat(merged.logsumexp()).isEqualTo(Double.NEGATIVE_INFINITY);
            assertThat(merged.output()).containsExactly(0, 0, 0);
        }
    }

    @Test
    void hugeLogsumexpsDoNotOverflow() {
        assertClose(PartialMerge.merge(List.of(partial(5000, 1), partial(5000, 3))), partial(5000 + Math.log(2), 2));
        assertClose(PartialMerge.merge(List.of(partial(-5000, 1), partial(5000, 3))), partial(5000, 3));
    }

    @RandomizedTest(20)
    void anyOrderAndAnyTreeGiveTheSame(SplittableRandom random) {
        int width = random.nextInt(1, 9);
        List<Partial> parts = new ArrayList<>();
        for (int i = random.nextInt(1, 8); i > 0; i--) {
            parts.add(
                    random.nextInt(5) == 0
                            ? Partial.empty(width)
                            : partial(
                                    random.nextDouble(-20, 20),
                                    random.doubles(width, -1, 1).toArray()));
        }
        Partial expected = PartialMerge.merge(parts);
        List<Partial> rest = new ArrayList<>(parts);
        while (rest.size() > 1) {
            Partial one = rest.remove(random.nextInt(rest.size()));
            Partial other = rest.remove(random.nextInt(rest.size()));
            rest.add(PartialMerge.merge(List.of(one, other)));
        }
        if (expected.logsumexp() == Double.NEGATIVE_INFINITY) {
            assertThat(rest.get(0).logsumexp()).isEqualTo(Double.NEGATIVE_INFINITY);
        } else {
            assertClose(rest.get(0), expected);
        }
    }

    @Test
    void refusesPartsOfDifferentWidths() {
        assertThatThrownBy(() -> PartialMerge.merge(List.of(partial(0, 1), partial(0, 1, 2))))
                .hasMessage("a partial of width 2 among those of width 1");
    }
}
