package dev.kvasir.scheduler.elastic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.kvasir.scheduler.elastic.StepTimeFit.Sample;
import dev.kvasir.testing.RandomizedTest;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class StepTimeFitTest {
    private static StepWork draw(SplittableRandom random) {
        StepWork work = StepWork.NONE;
        for (int i = 0; i < random.nextInt(1, 5); i++) {
            work = work.plus(StepWork.prefill(random.nextInt(8_000), random.nextInt(1, 2_000)));
        }
        for (int i = 0; i < random.nextInt(32); i++) {
            work = work.plus(StepWork.decode(random.nextInt(1, 8_000)));
        }
        return work;
    }

    @RandomizedTest
    void findsTheModelThatMadeTheSamples(SplittableRandom random) {
        StepTimeModel model = new StepTimeModel(
                random.nextDouble(1e-4, 1e-2),
                random.nextDouble(1e-6, 1e-4),
                random.nextDouble(1e-10, 1e-8),
                random.nextDouble(1e-8, 1e-7));
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            StepWork work = draw(random);
            samples.add(new Sample(work, model.seconds(work, 1)));
        }
        StepTimeFit fit = StepTimeFit.of(samples).orElseThrow();
        Percentage near = Percentage.withPercentage(0.01);
        assertThat(fit.model().c0()).isCloseTo(model.c0(), near);
        assertThat(fit.model().c1()).isCloseTo(model.c1(), near);
        assertThat(fit.model().c2()).isCloseTo(model.c2(), near);
        assertThat(fit.model().c3()).isCloseTo(model.c3(), near);
        assertThat(fit.rSquared()).isCloseTo(1, within(1e-9));
        assertThat(fit.worstResidualSeconds()).isLessThan(1e-8);
    }

    @RandomizedTest
    void saysHowFarMeasurementsAreFromTheModel(SplittableRandom random) {
        StepTimeModel model = new StepTimeModel(0.001, 1e-5, 1e-9, 1e-8);
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            StepWork work = draw(random);
            samples.add(new Sample(work, model.seconds(work, 1) * random.nextDouble(0.9, 1.1)));
        }
        StepTimeFit fit = StepTimeFit.of(samples).orElseThrow();
        double worst = 0;
        double squares = 0;
        double mean = samples.stream().mapToDouble(Sample::seconds).average().orElseThrow();
        double variance = 0;
        for (Sample sample : samples) {
            double residual = sample.seconds() - fit.model().seconds(sample.work(), 1);
            worst = Math.max(worst, Math.abs(residual));
            squares += residual * residual;
            variance += (sample.seconds() - mean) * (sample.seconds() - mean);
        }
        assertThat(fit.worstResidualSeconds()).isCloseTo(worst, within(1e-9)).isGreaterThan(1e-4);
        assertThat(fit.rSquared())
                .isCloseTo(1 - squares / variance, within(1e-9))
                .isBetween(0.8, 0.9999);
    }

    @Test
    void aTermWithoutSamplesHasNoPart() {
        List<Sample> samples = new ArrayList<>();
        for (int tokens = 1; tokens < 20; tokens++) {
            StepWork work = StepWork.prefill(tokens * 37 % 11, tokens);
            samples.add(new Sample(work, 1 + 2 * work.newTokens() + 3 * work.attention()));
        }
        StepTimeFit fit = StepTimeFit.of(samples).orElseThrow();
        assertThat(fit.model().c3()).isZero();
        assertThat(fit.model().c2()).isCloseTo(3, within(1e-6));
    }

    @Test
    void samplesThatAreAllAlikeTellNothing() {
        StepWork work = StepWork.prefill(10, 10).plus(StepWork.decode(5));
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            samples.add(new Sample(work, 1 + i));
        }
        assertThat(StepTimeFit.of(samples)).isEmpty();
        assertThat(StepTimeFit.of(List.of())).isEmpty();
        assertThat(StepTimeFit.of(samples.subList(0, 3))).isEmpty();
    }
}
