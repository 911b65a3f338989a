package dev.kvasir.scheduler.batching;

import static dev.kvasir.scheduler.batching.Harness.IGNORE_END;
import static dev.kvasir.scheduler.batching.Harness.TENANT_A;
import static dev.kvasir.scheduler.batching.Harness.prompt;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.runner.SamplingParams;
import dev.kvasir.scheduler.SchedulerConfig;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PreemptionTest {
    @ParameterizedTest
    @CsvSource({"1,16", "7,16", "64,16", "1,64", "7,64", "64,64"})
    void preemptedSequencesResumeWithTheSameTokens(int chunk, int segmentTokens) {
        Harness harness = new Harness(segmentTokens, 8, new SchedulerConfig(64, 8, 100, chunk, 16 * segmentTokens));
        List<RecordingSink> sinks = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            sinks.add(harness.submit(harness.request(
                    TENANT_A,
                    prompt(i, 5 + i),
                    SamplingParams.GREEDY.withTemperature(1, i),
                    6 * segmentTokens,
                    i,
                    IGNORE_END,
                    -1)));
        }
        harness.stepUntilIdle();
        sinks.forEach(harness::assertServed);
        assertThat(harness.scheduler.stats().preemptions()).isPositive();
        assertThat(sinks.stream().mapToInt(sink -> sink.stats.preemptions()).sum())
                .isEqualTo((int) harness.scheduler.stats().preemptions());
    }

    @Test
    void theYoungestGivesItsSlotsAndTheOldestNever() {
        Harness harness = Harness.withSlots(8);
        List<RecordingSink> sinks = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            sinks.add(harness.submit(prompt(i, 10), 100));
        }
        harness.stepUntilIdle();
        sinks.forEach(harness::assertServed);
        assertThat(sinks.get(0).stats.preemptions()).isZero();
        assertThat(sinks.get(3).stats.preemptions()).isPositive();
        assertThat(sinks.stream().map(sink -> sink.stats.finishedNanos())).isSorted();
    }

    @Test
    void aRequestThatFitsThePoolAloneIsServedAmongMany() {
        Harness harness = Harness.withSlots(6);
        List<RecordingSink> sinks = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            sinks.add(harness.submit(prompt(i, i % 3 == 0 ? 90 : 3), 93));
        }
        harness.stepUntilIdle();
        sinks.forEach(harness::assertServed);
    }

    @Test
    void resumingReusesWhatIsStillInTheTree() {
        Harness harness = Harness.withSlots(12);
        RecordingSink older = harness.submit(prompt(1, 10), 110);
        RecordingSink younger = harness.submit(prompt(2, 40), 80);
        while (harness.scheduler.stats().preemptions() == 0) {
            harness.step();
        }
        int known = 40 + younger.tokens.size();
        harness.stepUntilIdle();
        harness.assertServed(older);
        harness.assertServed(younger);
        assertThat(younger.stats.preemptions()).isEqualTo(1);
        long withoutPreemption = 10 + 109 + 40 + 79;
        long recomputed = harness.scheduler.stats().computedTokens() - withoutPreemption;
        // The older one took some of its segments while it waited, and not all.
        assertThat(recomputed).isPositive().isLessThan(known - 32);
    }

    @Test
    void theCachedTokensAreThoseOfTheFirstAdmission() {
        Harness harness = Harness.withSlots(8);
        harness.submit(prompt(2, 40), 1);
        harness.stepUntilIdle();
        RecordingSink older = harness.submit(prompt(1, 10), 110);
        RecordingSink younger = harness.submit(prompt(2, 40), 60);
        harness.stepUntilIdle();
        harness.assertServed(older);
        harness.assertServed(younger);
        assertThat(younger.stats.preemptions()).isPositive();
        assertThat(younger.cachedTokens).isEqualTo(32);
        assertThat(harness.scheduler.stats().hitTokens()).isEqualTo(32);
    }

    @Test
    void aScoredPromptThatIsPreemptedInMidPrefillIsScoredOnce() {
        Harness harness = new Harness(16, 8, new SchedulerConfig(8, 4, 100, 1, 512));
        RecordingSink older = harness.submit(prompt(1, 10), 110);
        harness.stepUntilPrefilled(older);
        RecordingSink scored =
                harness.submit(harness.request(TENANT_A, prompt(2, 70), SamplingParams.GREEDY, 20, 0, IGNORE_END, 0));
        while (harness.scheduler.stats().preemptions() == 0) {
            harness.step();
        }
        assertThat(scored.isPrefilled()).isFalse();
        harness.stepUntilIdle();
        harness.assertServed(older);
        harness.assertServed(scored);
        assertThat(scored.promptLogprobs).hasSize(69);
    }

    @Test
    void aPreemptedSequenceIsResumedBeforeNewcomersAreAdmitted() {
        Harness harness = Harness.withSlots(8);
        RecordingSink older = harness.submit(prompt(1, 10), 110);
        RecordingSink younger = harness.submit(prompt(2, 40), 80);
        while (harness.scheduler.stats().preemptions() == 0) {
            harness.step();
        }
        RecordingSink newcomer = harness.submit(prompt(3, 3), 80);
        harness.stepUntilIdle();
        harness.assertServed(older);
        harness.assertServed(younger);
        harness.assertServed(newcomer);
        assertThat(newcomer.stats.firstTokenNanos()).isGreaterThan(older.stats.finishedNanos());
    }

    @Test
    void anAdmissionTakesNobodysNextSegment() {
        // Each of the running sequences is about to need a segment, and the pool has just so many.
        Harness harness = Harness.withSlots(6);
        List<RecordingSink> running = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            running.add(harness.submit(prompt(i, 14), 17));
        }
        harness.step();
        assertThat(harness.scheduler.stats().running()).isEqualTo(3);
        RecordingSink late = harness.submit(prompt(9, 10), 20);
        harness.stepUntilIdle();
        running.forEach(harness::assertServed);
        harness.assertServed(late);
        assertThat(harness.scheduler.stats().preemptions()).isZero();
    }
}
