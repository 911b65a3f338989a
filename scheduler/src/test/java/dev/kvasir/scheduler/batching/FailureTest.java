package dev.kvasir.scheduler.batching;

import static dev.kvasir.scheduler.batching.Harness.prompt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvasir.pool.KvLayout;
import dev.kvasir.pool.SlotStorage;
import dev.kvasir.pool.eviction.LruPolicy;
import dev.kvasir.pool.local.LocalMemPool;
import dev.kvasir.runner.ModelConfig;
import dev.kvasir.runner.ModelRunner;
import dev.kvasir.runner.RowOutput;
import dev.kvasir.runner.StepInput;
import dev.kvasir.runner.StepOutput;
import dev.kvasir.scheduler.FinishReason;
import dev.kvasir.scheduler.SchedulerConfig;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Cancellations, steps that fail and sinks that throw. */
class FailureTest {
    @Test
    void cancellingARunningRequestFreesItsSlotsAtTheNextStep() {
        Harness harness = Harness.withSlots(64);
        RecordingSink gone = harness.submit(prompt(1, 40), 100);
        RecordingSink stays = harness.submit(prompt(2, 40), 30);
        harness.steps(10);
        harness.scheduler.cancel(gone.request.id());
        assertThat(gone.isFinished()).isFalse();
        harness.step();
        assertThat(gone.reason).isEqualTo(FinishReason.CANCELLED);
        assertThat(gone.stats.generatedTokens()).isEqualTo(gone.tokens.size());
        assertThat(gone.tokens).isEqualTo(harness.expected(gone.request).subList(0, gone.tokens.size()));
        assertThat(harness.scheduler.stats().running()).isEqualTo(1);
        harness.stepUntilIdle();
        harness.assertServed(stays);
    }

    @Test
    void cancellingAWaitingRequestEndsIt() {
        Harness harness = new Harness(16, 64, new SchedulerConfig(8, 1, 100, 8, 512));
        RecordingSink running = harness.submit(prompt(1, 10), 20);
        RecordingSink waiting = harness.submit(prompt(2, 10), 20);
        harness.steps(3);
        harness.scheduler.cancel(waiting.request.id());
        harness.step();
        assertThat(waiting.reason).isEqualTo(FinishReason.CANCELLED);
        assertThat(waiting.stats.scheduledNanos()).isZero();
        assertThat(harness.scheduler.stats().waiting()).isZero();
        harness.stepUntilIdle();
        harness.assertServed(running);
    }

    @Test
    void cancellingBeforeTheFirstStepEndsItWithoutComputingIt() {
        Harness harness = Harness.withSlots(64);
        RecordingSink sink = harness.submit(prompt(1, 10), 20);
        harness.scheduler.cancel(sink.request.id());
        harness.stepUntilIdle();
        assertThat(sink.reason).isEqualTo(FinishReason.CANCELLED);
        assertThat(harness.runner.steps).isEmpty();
    }

    @Test
    void cancellingTwiceOrAfterTheEndOrAnUnknownIdDoesNothing() {
        Harness harness = Harness.withSlots(64);
        RecordingSink sink = harness.submit(prompt(1, 10), 20);
        harness.steps(2);
        harness.scheduler.cancel(sink.request.id());
        harness.scheduler.cancel(sink.request.id());
        harness.scheduler.cancel("nobody");
        harness.stepUntilIdle();
        harness.scheduler.cancel(sink.request.id());
        harness.stepUntilIdle();
        assertThat(sink.reason).isEqualTo(FinishReason.CANCELLED);
    }

    @Test
    void aSinkMayCancelItsRequestFromWithinACallback() {
        Harness harness = Harness.withSlots(64);
        RecordingSink recording = new RecordingSink(harness.request(prompt(1, 10), 50));
        harness.scheduler.submit(recording.request, new dev.kvasir.scheduler.TokenSink() {
            @Override
            public void onPrefilled(
                    dev.kvasir.pool.CachedTokens cached, List<dev.kvasir.runner.TokenLogprobs> logprobs) {
                recording.onPrefilled(cached, logprobs);
            }

            @Override
            public void onToken(int token, dev.kvasir.runner.TokenLogprobs logprobs) {
                recording.onToken(token, logprobs);
                if (recording.tokens.size() == 3) {
                    harness.scheduler.cancel(recording.request.id());
                }
            }

            @Override
            public void onFinish(FinishReason reason, dev.kvasir.scheduler.RequestStats stats) {
                recording.onFinish(reason, stats);
            }
        });
        harness.stepUntilIdle();
        assertThat(recording.tokens).hasSize(3);
        assertThat(recording.reason).isEqualTo(FinishReason.CANCELLED);
    }

    @Test
    void aFailedStepEndsItsBatchWithErrorAndServiceGoesOn() {
        Harness harness = Harness.withSlots(64);
        RecordingSink first = harness.submit(prompt(1, 40), 50);
        RecordingSink second = harness.submit(prompt(2, 40), 50);
        harness.steps(20);
        IllegalStateException failure = new IllegalStateException("device error");
        harness.runner.failure = failure;
        harness.step();
        assertThat(first.reason).isEqualTo(FinishReason.ERROR);
        assertThat(second.reason).isEqualTo(FinishReason.ERROR);
        assertThat(harness.errors).containsExactly(failure);
        assertThat(harness.usage().writing()).isZero();
        assertThat(harness.usage().pinned()).isZero();
        // What was sealed before the failure is good, what the failed step wrote is gone.
        RecordingSink again = harness.submit(prompt(1, 40), 50);
        harness.stepUntilIdle();
        assertThat(again.cachedTokens).isEqualTo(32);
        harness.assertServed(again);
    }

    @Test
    void aStepThatLosesTheDeviceEndsItsBatchAndTheService() {
        Harness harness = Harness.withSlots(64);
        RecordingSink first = harness.submit(prompt(1, 40), 50);
        harness.steps(20);
        IllegalStateException failure = new IllegalStateException("device lost");
        harness.runner.failure = failure;
        harness.runner.isLost = true;
        assertThatThrownBy(harness::step).isSameAs(failure);
        assertThat(first.reason).isEqualTo(FinishReason.ERROR);
        assertThat(harness.usage().writing()).isZero();
    }

    @Test
    void nothingThatAFailedStepWroteIsSealed() {
        Harness harness = Harness.withSlots(64);
        harness.submit(prompt(1, 32), 50);
        harness.runner.failure = new IllegalStateException("device error");
        harness.step();
        assertThat(harness.usage().sealed()).isZero();
        assertThat(harness.usage().free()).isEqualTo(64);
    }

    @Test
    void aFailedStepEndsOnlyTheSequencesThatWereInIt() {
        Harness harness = new Harness(16, 64, new SchedulerConfig(8, 4, 100, 8, 512));
        RecordingSink inBatch = harness.submit(prompt(1, 100), 5);
        RecordingSink waiting = harness.submit(prompt(2, 10), 5);
        harness.steps(2);
        harness.runner.failure = new IllegalStateException("device error");
        harness.step();
        assertThat(inBatch.reason).isEqualTo(FinishReason.ERROR);
        assertThat(waiting.isFinished()).isFalse();
        harness.stepUntilIdle();
        harness.assertServed(waiting);
    }

    @Test
    void aRunnerThatAnswersTooFewRowsIsAFailedStep() {
        FakeModelRunner memory = new FakeModelRunner(16, 8);
        LocalMemPool pool = new LocalMemPool(memory.kvLayout(), 0, memory.kvStorage(), new LruPolicy());
        List<Throwable> errors = new ArrayList<>();
        ContinuousScheduler scheduler = new ContinuousScheduler(
                new SchedulerConfig(8, 4, 100, 8, 512), new Silent(memory), pool, () -> 0, errors::add);
        Harness requests = Harness.withSlots(8);
        RecordingSink sink = new RecordingSink(requests.request(prompt(1, 4), 5));
        scheduler.submit(sink.request, sink);
        scheduler.step();
        scheduler.checkInvariants();
        assertThat(sink.reason).isEqualTo(FinishReason.ERROR);
        assertThat(errors).singleElement().satisfies(e -> assertThat(e).hasMessageContaining("no token"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 5})
    void aSinkThatThrowsLosesItsRequestAndNobodyElses(int atToken) {
        Harness harness = Harness.withSlots(64);
        RecordingSink before = harness.submit(prompt(1, 20), 30);
        RecordingSink broken = harness.submit(prompt(2, 20), 30);
        broken.throwsAtToken = atToken;
        RecordingSink after = harness.submit(prompt(3, 20), 30);
        harness.stepUntilIdle();
        assertThat(broken.tokens).hasSize(atToken);
        assertThat(broken.reason).isEqualTo(FinishReason.CANCELLED);
        assertThat(harness.errors).hasSize(1);
        harness.assertServed(before);
        harness.assertServed(after);
    }

    /** Computes nothing and samples nothing. */
    private record Silent(FakeModelRunner memory) implements ModelRunner {
        @Override
        public StepOutput run(StepInput input) {
            return new StepOutput(List.of(RowOutput.NOTHING));
        }

        @Override
        public ModelConfig config() {
            return memory.config();
        }

        @Override
        public KvLayout kvLayout() {
            return memory.kvLayout();
        }

        @Override
        public SlotStorage kvStorage() {
            return memory.kvStorage();
        }

        @Override
        public byte[] fingerprint() {
            return memory.fingerprint();
        }

        @Override
        public void close() {}
    }
}
