package dev.kvasir.scheduler.batching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.runner.SamplingParams;
import dev.kvasir.scheduler.GenerationRequest;
import dev.kvasir.scheduler.SchedulerConfig;
import org.junit.jupiter.api.Test;

class BatchPlannerTest {
    private final ArrivalQueue running = new ArrivalQueue();

    @Test
    void decodesComeFirstThenPrefillsInOrderOfArrival() {
        Sequence firstPrefill = sequence(0, 50, 0);
        Sequence decode = sequence(1, 30, 29);
        Sequence secondPrefill = sequence(2, 50, 16);
        assertThat(planner(12, 8).plan(running)).isZero();
        assertThat(decode.scheduled).isEqualTo(1);
        assertThat(firstPrefill.scheduled).isEqualTo(8);
        assertThat(secondPrefill.scheduled).isEqualTo(3);
    }

    @Test
    void aPrefillThatTheBudgetDoesNotReachGetsNothing() {
        sequence(0, 50, 0);
        Sequence last = sequence(1, 50, 0);
        last.scheduled = 7; // of an earlier step
        assertThat(planner(8, 8).plan(running)).isZero();
        assertThat(last.scheduled).isZero();
    }

    @Test
    void theLastChunkIsAsShortAsThePrompt() {
        Sequence prefill = sequence(0, 50, 45);
        assertThat(planner(64, 8).plan(running)).isEqualTo(59);
        assertThat(prefill.scheduled).isEqualTo(5);
    }

    @Test
    void thereIsAlwaysATokenForThePrefillsBesideAllDecodes() {
        for (int i = 0; i < 7; i++) {
            sequence(i, 20, 19);
        }
        Sequence prefill = sequence(7, 50, 0);
        assertThat(planner(8, 8).plan(running)).isZero();
        assertThat(prefill.scheduled).isEqualTo(1);
    }

    @Test
    void arrivalsDecideTheOrderNotTheOrderOfAdding() {
        Sequence late = sequence(5, 50, 0);
        Sequence early = sequence(2, 50, 0);
        assertThat(planner(8, 8).plan(running)).isZero();
        assertThat(early.scheduled).isEqualTo(8);
        assertThat(late.scheduled).isZero();
        assertThat(running.youngest()).isSameAs(late);
    }

    private static BatchPlanner planner(int maxStepTokens, int prefillChunk) {
        return new BatchPlanner(new SchedulerConfig(maxStepTokens, 8, 10, prefillChunk, 512));
    }

    private Sequence sequence(long arrival, int promptTokens, int computed) {
        GenerationRequest request = new GenerationRequest(
                "r" + arrival,
                Harness.TENANT_A,
                new int[promptTokens],
                SamplingParams.GREEDY,
                10,
                0,
                Harness.IGNORE_END,
                -1,
                0);
        Sequence sequence = new Sequence(request, new RecordingSink(request), 512, 16);
        sequence.arrival = arrival;
        sequence.computed = computed;
        running.add(sequence);
        return sequence;
    }
}
