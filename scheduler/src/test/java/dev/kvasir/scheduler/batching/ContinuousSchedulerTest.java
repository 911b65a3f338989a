package dev.kvasir.scheduler.batching;

import static dev.kvasir.scheduler.batching.Harness.END_TOKENS;
import static dev.kvasir.scheduler.batching.Harness.IGNORE_END;
import static dev.kvasir.scheduler.batching.Harness.TENANT_A;
import static dev.kvasir.scheduler.batching.Harness.prompt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvasir.pool.CachedTokens;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.TierCounters;
import dev.kvasir.runner.SamplingParams;
import dev.kvasir.scheduler.FinishReason;
import dev.kvasir.scheduler.GenerationRequest;
import dev.kvasir.scheduler.RequestStats;
import dev.kvasir.scheduler.Scheduler.Submission;
import dev.kvasir.scheduler.SchedulerConfig;
import dev.kvasir.scheduler.SchedulerStats;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContinuousSchedulerTest {
    @Test
    void anIdleStepDoesNothing() {
        Harness harness = Harness.withSlots(8);
        assertThat(harness.step()).isFalse();
        assertThat(harness.scheduler.hasWork()).isFalse();
        assertThat(harness.runner.steps).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"1,16", "1,64", "7,16", "7,64", "64,16", "64,64"})
    void tokensDependOnNeitherChunksNorSegmentsNorNeighbours(int chunk, int segmentTokens) {
        Harness harness = new Harness(segmentTokens, 4096 / segmentTokens, new SchedulerConfig(80, 8, 100, chunk, 512));
        List<RecordingSink> sinks = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            SamplingParams sampling = i % 2 == 0 ? SamplingParams.GREEDY : SamplingParams.GREEDY.withTemperature(2, i);
            sinks.add(harness.submit(harness.request(
                    TENANT_A, prompt(i % 5, 1 + 37 * i % 200), sampling, 20 + i, i % 4, END_TOKENS, -1)));
            harness.step();
        }
        harness.scheduler.cancel(sinks.get(3).request.id());
        harness.stepUntilIdle();
        for (RecordingSink sink : sinks) {
            if (sink != sinks.get(3)) {
                harness.assertServed(sink);
            }
        }
        assertThat(harness.errors).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {16, 17, 63, 64, 65, 100})
    void aSecondRequestHitsThePrefixOfTheFirst(int promptTokens) {
        Harness harness = Harness.withSlots(64);
        RecordingSink cold = harness.submit(prompt(1, promptTokens), 30);
        harness.stepUntilIdle();
        RecordingSink warm = harness.submit(prompt(1, promptTokens), 30);
        harness.stepUntilIdle();
        harness.assertServed(cold);
        harness.assertServed(warm);
        assertThat(cold.cachedTokens).isZero();
        // All whole segments, but never the last token: it must be computed for its logits.
        assertThat(warm.cachedTokens).isEqualTo((promptTokens - 1) / 16 * 16);
    }

    @Test
    void generatedTokensAreReusedAsThePromptOfTheNextTurn() {
        Harness harness = Harness.withSlots(64);
        RecordingSink first = harness.submit(prompt(1, 20), 60);
        harness.stepUntilIdle();
        int[] conversation = new int[80];
        System.arraycopy(first.request.prompt(), 0, conversation, 0, 20);
        for (int i = 0; i < 60; i++) {
            conversation[20 + i] = first.tokens.get(i);
        }
        RecordingSink second = harness.submit(conversation, 10);
        harness.stepUntilIdle();
        harness.assertServed(second);
        // 79 tokens were computed, since the last one was only delivered.
        assertThat(second.cachedTokens).isEqualTo(64);
    }

    @Test
    void tenantsNeverShare() {
        Harness harness = Harness.withSlots(64);
        int[] prompt = prompt(1, 100);
        RecordingSink a = harness.submit(prompt, 40);
        harness.stepUntilPrefilled(a);
        RecordingSink b =
                harness.submit(harness.request(Harness.TENANT_B, prompt, SamplingParams.GREEDY, 40, 0, IGNORE_END, -1));
        harness.stepUntilIdle();
        RecordingSink again =
                harness.submit(harness.request(Harness.TENANT_B, prompt, SamplingParams.GREEDY, 40, 0, IGNORE_END, -1));
        harness.stepUntilIdle();
        assertThat(b.cachedTokens).isZero();
        assertThat(again.cachedTokens).isEqualTo(96);
        harness.assertServed(a);
        harness.assertServed(b);
        harness.assertServed(again);
    }

    @Test
    void endTokenStopsAndIsNotDelivered() {
        Harness harness = Harness.withSlots(64);
        List<RecordingSink> sinks = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            sinks.add(harness.submit(
                    harness.request(TENANT_A, prompt(i, 9), SamplingParams.GREEDY, 60, 0, END_TOKENS, -1)));
        }
        harness.stepUntilIdle();
        sinks.forEach(harness::assertServed);
        assertThat(sinks).filteredOn(sink -> sink.reason == FinishReason.STOP).isNotEmpty();
        assertThat(sinks).allSatisfy(sink -> assertThat(sink.tokens).doesNotContain(FakeModelRunner.END));
    }

    @Test
    void noEndTokenBeforeMinTokens() {
        Harness harness = Harness.withSlots(64);
        List<RecordingSink> sinks = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            sinks.add(harness.submit(
                    harness.request(TENANT_A, prompt(i, 9), SamplingParams.GREEDY, 60, 50, END_TOKENS, -1)));
        }
        harness.stepUntilIdle();
        sinks.forEach(harness::assertServed);
        assertThat(sinks).allSatisfy(sink -> assertThat(sink.tokens).hasSizeGreaterThanOrEqualTo(50));
    }

    @Test
    void generationEndsAtTheEndOfTheContext() {
        Harness harness = new Harness(16, 64, new SchedulerConfig(64, 8, 100, 32, 50));
        RecordingSink sink = harness.submit(prompt(1, 20), 1000);
        harness.stepUntilIdle();
        assertThat(sink.tokens).hasSize(30);
        assertThat(sink.reason).isEqualTo(FinishReason.LENGTH);
        harness.assertServed(sink);
    }

    @Test
    void generationEndsAtTheEndOfThePool() {
        Harness harness = Harness.withSlots(3);
        assertThat(harness.scheduler.maxTokens()).isEqualTo(48);
        RecordingSink sink = harness.submit(prompt(1, 20), 1000);
        harness.stepUntilIdle();
        assertThat(sink.tokens).hasSize(28);
        assertThat(sink.reason).isEqualTo(FinishReason.LENGTH);
        harness.assertServed(sink);
    }

    @Test
    void aPromptThatCannotFitIsRefusedWithBothNumbers() {
        Harness harness = Harness.withSlots(3);
        GenerationRequest tooLong = harness.request(prompt(1, 48), 1);
        assertThatThrownBy(() -> harness.scheduler.submit(tooLong, new RecordingSink(tooLong)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("prompt of 48 tokens")
                .hasMessageContaining("longest sequence of 48 tokens");
        RecordingSink fits = harness.submit(prompt(1, 47), 1);
        harness.stepUntilIdle();
        harness.assertServed(fits);
    }

    @Test
    void promptLogprobsComeForEveryPromptTokenButTheFirstThoughThePrefixIsCached() {
        Harness harness = Harness.withSlots(64);
        harness.submit(prompt(1, 90), 4);
        harness.stepUntilIdle();
        RecordingSink scored =
                harness.submit(harness.request(TENANT_A, prompt(1, 90), SamplingParams.GREEDY, 4, 0, IGNORE_END, 0));
        harness.stepUntilIdle();
        assertThat(scored.promptLogprobs).hasSize(89);
        harness.assertServed(scored);
        // It computed the cached segments again, and the tree kept one copy of each.
        assertThat(harness.usage().duplicates()).isEqualTo(5);
    }

    @Test
    void aScoredPromptIsInsertedForOthers() {
        Harness harness = Harness.withSlots(64);
        harness.submit(harness.request(TENANT_A, prompt(1, 90), SamplingParams.GREEDY, 4, 0, IGNORE_END, 2));
        harness.stepUntilIdle();
        RecordingSink plain = harness.submit(prompt(1, 90), 4);
        harness.stepUntilIdle();
        assertThat(plain.cachedTokens).isEqualTo(80);
        harness.assertServed(plain);
    }

    @Test
    void logprobsOfTokensAreDelivered() {
        Harness harness = Harness.withSlots(64);
        RecordingSink sink = harness.submit(
                harness.request(TENANT_A, prompt(1, 9), SamplingParams.GREEDY.withLogprobs(0), 7, 0, IGNORE_END, -1));
        harness.stepUntilIdle();
        assertThat(sink.logprobs).hasSize(7);
    }

    @Test
    void onlyTheLastChunkOfAPromptIsSampled() {
        Harness harness = Harness.withSlots(64);
        harness.submit(prompt(1, 80), 2);
        harness.stepUntilIdle();
        assertThat(harness.runner.steps.stream().map(rows -> rows.get(0)))
                .containsExactly(
                        new FakeModelRunner.RowShape(0, 32, false),
                        new FakeModelRunner.RowShape(32, 64, false),
                        new FakeModelRunner.RowShape(64, 80, true),
                        new FakeModelRunner.RowShape(80, 81, true));
    }

    @Test
    void aDecodeIsNeverHeldUpByAPrefill() {
        Harness harness = new Harness(16, 64, new SchedulerConfig(8, 8, 100, 100, 512));
        RecordingSink chatting = harness.submit(prompt(1, 4), 100);
        harness.stepUntilPrefilled(chatting);
        RecordingSink lengthy = harness.submit(prompt(2, 300), 1);
        int before = chatting.tokens.size();
        harness.steps(20);
        assertThat(chatting.tokens).hasSize(before + 20);
        assertThat(lengthy.isPrefilled()).isFalse();
        harness.stepUntilIdle();
        harness.assertServed(chatting);
        harness.assertServed(lengthy);
    }

    @Test
    void aLongPrefillIsNeverHeldUpByNewcomers() {
        Harness harness = new Harness(16, 128, new SchedulerConfig(16, 8, 100, 8, 512));
        RecordingSink lengthy = harness.submit(prompt(0, 160), 1);
        // Two newcomers a step want more than the whole budget, for ever.
        for (int i = 1; !lengthy.isFinished() && i < 60; i++) {
            harness.submit(prompt(i, 30), 2);
            harness.step();
        }
        assertThat(harness.runner.steps.stream()
                        .filter(rows -> rows.get(0).to() <= 160 && rows.get(0).tokens() == 8))
                .hasSizeGreaterThanOrEqualTo(20);
        assertThat(harness.runner.steps.subList(0, 20))
                .allSatisfy(rows -> assertThat(rows.get(0).tokens()).isEqualTo(8));
        harness.assertServed(lengthy);
    }

    @Test
    void noStepExceedsItsBudgets() {
        Harness harness = new Harness(16, 64, new SchedulerConfig(20, 5, 100, 12, 512));
        for (int i = 0; i < 30; i++) {
            harness.submit(prompt(i, 1 + 11 * i % 90), 1 + i % 9);
        }
        harness.stepUntilIdle();
        assertThat(harness.runner.steps).allSatisfy(rows -> {
            assertThat(rows).hasSizeLessThanOrEqualTo(5);
            assertThat(rows).allSatisfy(row -> assertThat(row.tokens()).isLessThanOrEqualTo(12));
            assertThat(rows.stream().mapToInt(FakeModelRunner.RowShape::tokens).sum())
                    .isLessThanOrEqualTo(20);
        });
        assertThat(harness.runner.steps).anySatisfy(rows -> assertThat(
                        rows.stream().mapToInt(FakeModelRunner.RowShape::tokens).sum())
                .isEqualTo(20));
    }

    @Test
    void requestsAreAdmittedInOrderOfArrival() {
        Harness harness = new Harness(16, 64, new SchedulerConfig(8, 1, 100, 8, 512));
        List<RecordingSink> sinks = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            sinks.add(harness.submit(prompt(i, 10), 3));
        }
        harness.stepUntilIdle();
        assertThat(sinks.stream().map(sink -> sink.stats.scheduledNanos())).isSorted();
        assertThat(sinks.stream().map(sink -> sink.stats.finishedNanos())).isSorted();
    }

    @Test
    void aShortRequestDoesNotPassALongOneThatThePoolHasNoRoomFor() {
        Harness harness = Harness.withSlots(10);
        RecordingSink first = harness.submit(prompt(1, 90), 30);
        harness.stepUntilPrefilled(first);
        RecordingSink lengthy = harness.submit(prompt(2, 100), 5);
        RecordingSink brief = harness.submit(prompt(3, 4), 5);
        harness.stepUntilIdle();
        assertThat(lengthy.stats.scheduledNanos()).isGreaterThanOrEqualTo(first.stats.finishedNanos());
        assertThat(brief.stats.scheduledNanos()).isGreaterThanOrEqualTo(lengthy.stats.scheduledNanos());
    }

    @Test
    void theQueueIsBoundedAndAnswersWithoutAStep() {
        Harness harness = new Harness(16, 64, new SchedulerConfig(8, 2, 3, 8, 512));
        for (int i = 0; i < 3; i++) {
            harness.submit(prompt(i, 10), 3);
        }
        assertThat(harness.scheduler.stats().waiting()).isEqualTo(3);
        GenerationRequest fourth = harness.request(prompt(4, 10), 3);
        RecordingSink refused = new RecordingSink(fourth);
        assertThat(harness.scheduler.submit(fourth, refused)).isEqualTo(Submission.QUEUE_FULL);
        harness.step();
        harness.step();
        assertThat(harness.scheduler.stats().running()).isEqualTo(2);
        assertThat(harness.scheduler.stats().waiting()).isEqualTo(1);
        assertThat(harness.scheduler.submit(fourth, refused)).isEqualTo(Submission.ACCEPTED);
        harness.stepUntilIdle();
        harness.assertServed(refused);
    }

    @Test
    void anIdIsTakenWhileItsRequestLivesAndFreeAfterwards() {
        Harness harness = Harness.withSlots(16);
        RecordingSink sink = harness.submit(prompt(1, 10), 3);
        assertThatThrownBy(() -> harness.scheduler.submit(sink.request, sink))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(sink.request.id());
        harness.step();
        assertThatThrownBy(() -> harness.scheduler.submit(sink.request, sink))
                .isInstanceOf(IllegalArgumentException.class);
        harness.stepUntilIdle();
        harness.submit(sink.request);
        harness.stepUntilIdle();
    }

    @Test
    void closeCancelsEverybodyAndAcceptsNoMore() {
        Harness harness = new Harness(16, 64, new SchedulerConfig(8, 1, 100, 8, 512));
        RecordingSink running = harness.submit(prompt(1, 10), 30);
        harness.steps(3);
        RecordingSink waiting = harness.submit(prompt(2, 10), 30);
        harness.step();
        RecordingSink submitted = harness.submit(prompt(3, 10), 30);
        harness.scheduler.close();
        harness.scheduler.checkInvariants();
        assertThat(List.of(running, waiting, submitted))
                .allSatisfy(sink -> assertThat(sink.reason).isEqualTo(FinishReason.CANCELLED));
        GenerationRequest late = harness.request(prompt(4, 10), 3);
        assertThat(harness.scheduler.submit(late, new RecordingSink(late))).isEqualTo(Submission.CLOSED);
        harness.stepUntilIdle();
    }

    @Test
    void statsCountWhatWasDone() {
        Harness harness = Harness.withSlots(64);
        RecordingSink first = harness.submit(prompt(1, 40), 5);
        harness.stepUntilIdle();
        RecordingSink second = harness.submit(prompt(1, 40), 5);
        harness.stepUntilIdle();
        SchedulerStats stats = harness.scheduler.stats();
        assertThat(stats.promptTokens()).isEqualTo(80);
        assertThat(stats.queriedTokens()).isEqualTo(80);
        assertThat(stats.hitTokens()).isEqualTo(32);
        assertThat(stats.generatedTokens()).isEqualTo(10);
        // 40 and 4 of the first, 8 and 4 of the second: the last token of each is never computed.
        assertThat(stats.computedTokens()).isEqualTo(56);
        assertThat(stats.steps()).isEqualTo(harness.runner.steps.size());
        assertThat(stats.runnerNanos()).isPositive().isLessThan(stats.stepNanos());
        assertThat(stats.pool()).isEqualTo(harness.usage());

        assertThat(stats.tiers()).isEqualTo(harness.pool.tiers());

        RequestStats times = first.stats;
        assertThat(times.arrivalNanos()).isLessThan(times.scheduledNanos());
        assertThat(times.scheduledNanos()).isLessThan(times.firstTokenNanos());
        assertThat(times.firstTokenNanos()).isLessThan(times.finishedNanos());
        assertThat(second.stats.cachedTokens()).isEqualTo(CachedTokens.ofDevice(32));
        assertThat(times.preemptions()).isZero();
    }

    @Test
    void aRequestThatWaitsForRoomIsLookedUpOnce() {
        Harness harness = Harness.withSlots(8);
        RecordingSink running = harness.submit(prompt(1, 40), 80);
        harness.stepUntilPrefilled(running);
        RecordingSink waiting = harness.submit(prompt(1, 100), 5); // no room for it beside the first
        harness.steps(20);
        assertThat(harness.scheduler.stats().waiting()).isEqualTo(1);
        harness.stepUntilIdle();
        harness.assertServed(running);
        harness.assertServed(waiting);
        // Of the first's two whole segments before its last token none was there, of the second's six these two.
        TierCounters counters = harness.scheduler.stats().tier(Tier.DEVICE).counters();
        assertThat(counters.hits()).isEqualTo(2);
        assertThat(counters.hitTokens()).isEqualTo(32);
        assertThat(counters.misses()).isEqualTo(2 + 4);
        assertThat(harness.pool.report(1).topPrefixes().get(0).hits()).isEqualTo(1);
    }
}
