package dev.kvasir.scheduler.batching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.runner.SamplingParams;
import dev.kvasir.scheduler.GenerationRequest;
import dev.kvasir.scheduler.SchedulerConfig;
import dev.kvasir.testing.RandomizedTest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Who is more urgent counts as having come before. */
class PriorityTest {
    @RandomizedTest(50)
    void requestsBeginByPriorityThenByArrival(SplittableRandom random) {
        Harness harness = new Harness(16, 64, new SchedulerConfig(64, 1, 100, 32, 512));
        List<Integer> priorities = new ArrayList<>();
        List<RecordingSink> sinks = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            priorities.add(random.nextInt(4) == 0 ? (random.nextBoolean() ? 1000 : -1000) : random.nextInt(-2, 3));
            sinks.add(harness.submit(harness.request(Harness.prompt(i, 5 + random.nextInt(60)), 2)
                    .withPriority(priorities.get(i))));
        }
        harness.stepUntilIdle();
        List<Integer> begun = IntStream.range(0, 12)
                .boxed()
                .sorted(Comparator.comparing(i -> sinks.get(i).stats.scheduledNanos()))
                .toList();
        List<Integer> expected = IntStream.range(0, 12)
                .boxed()
                .sorted(Comparator.<Integer, Integer>comparing(priorities::get).thenComparing(i -> i))
                .toList();
        assertThat(begun).isEqualTo(expected);
    }

    @Test
    void whoIsLessUrgentGivesItsSlotsBackFirst() {
        // Two sequences that grow until the pool is too small for both.
        Harness harness = Harness.withSlots(6);
        RecordingSink idle =
                harness.submit(harness.request(Harness.prompt(1, 20), 60).withPriority(5));
        RecordingSink urgent =
                harness.submit(harness.request(Harness.prompt(2, 20), 60).withPriority(-5));
        harness.stepUntilIdle();
        assertThat(urgent.stats.preemptions()).isZero();
        assertThat(idle.stats.preemptions()).isPositive();
        assertThat(idle.tokens).hasSize(60);
        assertThat(urgent.tokens).hasSize(60);
    }

    @Test
    void whoIsNotUrgentStillEnds() {
        Harness harness = Harness.withSlots(4);
        List<RecordingSink> sinks = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            GenerationRequest request = harness.request(
                    Harness.TENANT_A, Harness.prompt(i, 30), SamplingParams.GREEDY, 10, 0, Harness.IGNORE_END, -1);
            sinks.add(harness.submit(request.withPriority(i % 2 == 0 ? -1000 : 1000)));
        }
        harness.stepUntilIdle();
        assertThat(sinks).allSatisfy(sink -> assertThat(sink.tokens).hasSize(10));
    }
}
