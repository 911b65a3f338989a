package dev.kvasir.scheduler.batching;

import static dev.kvasir.scheduler.batching.Harness.IGNORE_END;
import static dev.kvasir.scheduler.batching.Harness.TENANT_A;
import static dev.kvasir.scheduler.batching.Harness.TENANT_B;
import static dev.kvasir.scheduler.batching.Harness.prompt;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.runner.SamplingParams;
import dev.kvasir.scheduler.FinishReason;
import dev.kvasir.scheduler.SchedulerConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class InFlightSharingTest {
    @Test
    void aRequestReusesTheSealedSegmentsOfOneThatStillRuns() {
        Harness harness = Harness.withSlots(64);
        RecordingSink first = harness.submit(prompt(1, 100), 200);
        harness.stepUntilPrefilled(first);
        RecordingSink second = harness.submit(prompt(1, 80), 10);
        harness.stepUntilPrefilled(second);
        assertThat(first.isFinished()).isFalse();
        assertThat(second.cachedTokens).isEqualTo(64);
        harness.stepUntilIdle();
        harness.assertServed(first);
        harness.assertServed(second);
    }

    @Test
    void generatedTokensOfARunningRequestAreSharedToo() {
        Harness harness = Harness.withSlots(64);
        RecordingSink first = harness.submit(prompt(1, 20), 200);
        harness.stepUntilPrefilled(first);
        harness.steps(50);
        int[] prompt = Arrays.copyOf(first.request.prompt(), 60);
        for (int i = 20; i < 60; i++) {
            prompt[i] = first.tokens.get(i - 20);
        }
        RecordingSink second = harness.submit(prompt, 10);
        harness.stepUntilPrefilled(second);
        assertThat(first.isFinished()).isFalse();
        assertThat(second.cachedTokens).isEqualTo(48);
        harness.stepUntilIdle();
        harness.assertServed(second);
    }

    @Test
    void equalPromptsSubmittedTogetherAreComputedOnce() {
        Harness harness = Harness.withSlots(128);
        List<RecordingSink> choices = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            choices.add(harness.submit(harness.request(
                    TENANT_A, prompt(1, 200), SamplingParams.GREEDY.withTemperature(1, i), 10, 0, IGNORE_END, -1)));
        }
        harness.stepUntilIdle();
        choices.forEach(harness::assertServed);
        assertThat(choices.stream().map(sink -> sink.cachedTokens)).containsExactly(0, 192, 192, 192);
        // 200 + 3 x 8 prompt tokens and 4 x 9 generated ones.
        assertThat(harness.scheduler.stats().computedTokens()).isEqualTo(200 + 3 * 8 + 4 * 9);
        assertThat(harness.usage().duplicates()).isZero();
    }

    @Test
    void aBurstBehindOneSystemPromptComputesItOnce() {
        Harness harness = Harness.withSlots(128);
        List<RecordingSink> sinks = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            int[] prompt = Arrays.copyOf(prompt(1, 160), 170);
            Arrays.fill(prompt, 160, 170, 1 + i);
            sinks.add(harness.submit(prompt, 5));
        }
        harness.stepUntilIdle();
        sinks.forEach(harness::assertServed);
        assertThat(harness.scheduler.stats().computedTokens()).isEqualTo(160 + 6 * 10 + 6 * 4);
    }

    @Test
    void unrelatedRequestsPassTheOneThatWaits() {
        Harness harness = new Harness(16, 128, new SchedulerConfig(16, 8, 100, 8, 512));
        RecordingSink first = harness.submit(prompt(1, 160), 5);
        RecordingSink sharing = harness.submit(prompt(1, 160), 5);
        RecordingSink other = harness.submit(prompt(2, 8), 5);
        harness.stepUntilPrefilled(other);
        assertThat(first.isPrefilled()).isFalse();
        assertThat(sharing.isPrefilled()).isFalse();
        harness.stepUntilIdle();
        harness.assertServed(sharing);
        assertThat(sharing.cachedTokens).isEqualTo(144);
    }

    @Test
    void itIsAdmittedAsSoonAsTheSharedPartIsSealedNotWhenTheOtherEnds() {
        Harness harness = new Harness(16, 128, new SchedulerConfig(16, 8, 100, 8, 512));
        RecordingSink first = harness.submit(prompt(1, 300), 100);
        RecordingSink sharing = harness.submit(prompt(1, 40), 5);
        harness.stepUntilPrefilled(sharing);
        assertThat(first.isPrefilled()).isFalse();
        assertThat(sharing.cachedTokens).isEqualTo(32);
        harness.stepUntilIdle();
        harness.assertServed(first);
    }

    @Test
    void nobodyWaitsForLessThanASegment() {
        Harness harness = new Harness(16, 128, new SchedulerConfig(16, 8, 100, 8, 512));
        RecordingSink first = harness.submit(prompt(1, 300), 5);
        int[] prompt = Arrays.copyOf(prompt(1, 15), 20);
        Arrays.fill(prompt, 15, 20, 39);
        RecordingSink second = harness.submit(prompt, 5);
        harness.step();
        assertThat(harness.scheduler.stats().running()).isEqualTo(2);
        harness.stepUntilIdle();
        harness.assertServed(first);
        harness.assertServed(second);
    }

    @Test
    void nobodyWaitsForAnotherTenant() {
        Harness harness = new Harness(16, 128, new SchedulerConfig(16, 8, 100, 8, 512));
        harness.submit(prompt(1, 300), 5);
        RecordingSink other =
                harness.submit(harness.request(TENANT_B, prompt(1, 300), SamplingParams.GREEDY, 5, 0, IGNORE_END, -1));
        harness.step();
        assertThat(harness.scheduler.stats().running()).isEqualTo(2);
        harness.stepUntilIdle();
        assertThat(other.cachedTokens).isZero();
        harness.assertServed(other);
    }

    @Test
    void aScoredPromptWaitsForNobody() {
        Harness harness = new Harness(16, 128, new SchedulerConfig(16, 8, 100, 8, 512));
        harness.submit(prompt(1, 100), 5);
        RecordingSink scored =
                harness.submit(harness.request(TENANT_A, prompt(1, 100), SamplingParams.GREEDY, 5, 0, IGNORE_END, 0));
        harness.step();
        assertThat(harness.scheduler.stats().running()).isEqualTo(2);
        harness.stepUntilIdle();
        harness.assertServed(scored);
    }

    @Test
    void theWaitEndsWhenTheOtherIsCancelled() {
        Harness harness = new Harness(16, 128, new SchedulerConfig(16, 8, 100, 8, 512));
        RecordingSink first = harness.submit(prompt(1, 160), 5);
        RecordingSink sharing = harness.submit(prompt(1, 160), 5);
        harness.steps(5);
        assertThat(harness.scheduler.stats().waiting()).isEqualTo(1);
        harness.scheduler.cancel(first.request.id());
        harness.step();
        assertThat(harness.scheduler.stats().running()).isEqualTo(1);
        harness.stepUntilIdle();
        assertThat(first.reason).isEqualTo(FinishReason.CANCELLED);
        // The first had computed 40 tokens: two whole segments.
        assertThat(sharing.cachedTokens).isEqualTo(32);
        harness.assertServed(sharing);
    }

    @Test
    void theWaitEndsWhenTheOthersStepFails() {
        Harness harness = new Harness(16, 128, new SchedulerConfig(16, 8, 100, 8, 512));
        RecordingSink first = harness.submit(prompt(1, 160), 5);
        RecordingSink sharing = harness.submit(prompt(1, 160), 5);
        harness.steps(5);
        harness.runner.failure = new IllegalStateException("out of memory");
        harness.stepUntilIdle();
        assertThat(first.reason).isEqualTo(FinishReason.ERROR);
        harness.assertServed(sharing);
    }

    @Test
    void passersByCannotHoldUpTheOneThatWaits() {
        // Scored prompts don't wait, so they pass; each computes the same prompt again, and more of them come for ever.
        Harness harness = new Harness(16, 256, new SchedulerConfig(24, 8, 100, 8, 512));
        harness.submit(prompt(1, 64), 2);
        RecordingSink sharing = harness.submit(prompt(1, 300), 5);
        for (int i = 0; i < 40 && !sharing.isPrefilled(); i++) {
            if (harness.scheduler.stats().waiting() < 5) {
                harness.submit(harness.request(TENANT_A, prompt(1, 300), SamplingParams.GREEDY, 5, 0, IGNORE_END, 0));
            }
            harness.step();
        }
        // 64 tokens of the first in chunks of 8, then it runs; the rest of its prompt needs as many steps again.
        harness.stepUntilIdle();
        harness.assertServed(sharing);
        assertThat(sharing.stats.scheduledNanos() - sharing.request.arrivalNanos())
                .isLessThan(150);
    }
}
