package dev.kvasir.benchmarks.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.kvasir.testing.RandomizedTest;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PaceTest {
    private static final long SECOND = 1_000_000_000;

    private final ScriptedClock clock = new ScriptedClock();

    private OpenLoop openLoop(double rate, long seed) {
        return new OpenLoop(rate, new SplittableRandom(seed), clock);
    }

    @RandomizedTest(5)
    void openLoopHasTheRateAndTheSpreadOfPoissonArrivals(SplittableRandom random) throws InterruptedException {
        int arrivals = 20_000;
        OpenLoop pace = new OpenLoop(40, random, clock);
        double last = 0;
        double squares = 0;
        for (int i = 0; i < arrivals; i++) {
            double at = (double) pace.awaitNext() / SECOND;
            squares += (at - last) * (at - last);
            last = at;
        }
        // Exponential gaps: standard deviation = mean = 1/40 s. Five sigma of each estimate over 20,000 gaps.
        double mean = last / arrivals;
        double deviation = Math.sqrt(squares / arrivals - mean * mean);
        assertThat(mean).isEqualTo(1.0 / 40, within(5 / 40.0 / Math.sqrt(arrivals)));
        assertThat(deviation).isEqualTo(1.0 / 40, within(5 * Math.sqrt(2) / 40.0 / Math.sqrt(arrivals)));
    }

    @Test
    void openLoopOfTheSameSeedHasTheSameArrivals() throws InterruptedException {
        OpenLoop first = openLoop(3, 7);
        OpenLoop second = openLoop(3, 7);
        OpenLoop other = openLoop(3, 8);
        long due = first.awaitNext();
        assertThat(second.awaitNext()).isEqualTo(due);
        assertThat(other.awaitNext()).isNotEqualTo(due);
    }

    @Test
    void openLoopKeepsItsArrivalsWhenTheSenderIsHeldUp() throws InterruptedException {
        OpenLoop undisturbed = openLoop(100, 7);
        OpenLoop heldUp = openLoop(100, 7);
        heldUp.awaitNext();
        undisturbed.awaitNext();
        long second = undisturbed.awaitNext();
        clock.set(60 * SECOND);
        assertThat(heldUp.awaitNext()).isEqualTo(second).isLessThan(clock.nanoTime());
    }

    @Test
    void anInfiniteRateMakesAllRequestsDueAtOnce() throws InterruptedException {
        clock.set(5);
        OpenLoop pace = openLoop(Double.POSITIVE_INFINITY, 1);
        assertThat(pace.awaitNext()).isEqualTo(5);
        assertThat(pace.awaitNext()).isEqualTo(5);
    }

    @Test
    void refusesARateOrAConcurrencyOfNothing() {
        assertThatThrownBy(() -> openLoop(0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> openLoop(Double.NaN, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ClosedLoop(0, clock)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void closedLoopIsDueWhenARequestHasEnded() throws InterruptedException {
        ClosedLoop pace = new ClosedLoop(1, clock);
        assertThat(pace.awaitNext()).isZero();
        clock.set(42);
        pace.onEnd();
        assertThat(pace.awaitNext()).isEqualTo(42);
    }
}
