package dev.kvasir.scheduler.batching;

import static dev.kvasir.scheduler.batching.Harness.TENANT_A;
import static dev.kvasir.scheduler.batching.Harness.prompt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvasir.runner.Pooling;
import dev.kvasir.scheduler.FinishReason;
import dev.kvasir.scheduler.GenerationRequest;
import dev.kvasir.testing.RandomizedTest;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Requests that ask for an embedding, among those that generate. */
class EmbeddingTest {
    private int requests;

    private GenerationRequest request(int[] prompt, Pooling pooling) {
        return GenerationRequest.embedding("e" + requests++, TENANT_A, prompt, pooling, 1);
    }

    private static void assertEmbedded(RecordingSink sink) {
        Pooling pooling = sink.request.pooling();
        assertThat(pooling).isNotNull();
        assertThat(sink.reason).isEqualTo(FinishReason.STOP);
        assertThat(sink.tokens).isEmpty();
        assertThat(sink.embedding).isNotNull();
        assertThat(sink.embedding[0]).isEqualTo(FakeModelRunner.embedding(sink.request.prompt(), pooling));
        if (pooling == Pooling.MEAN) {
            assertThat(sink.embedding[1])
                    .as("tokens seen over tokens there are")
                    .isEqualTo(1);
            assertThat(sink.cachedTokens).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPromptOfSeveralChunksIsEmbedded(Pooling pooling) {
        Harness harness = Harness.withSlots(64);
        RecordingSink sink = harness.submit(request(prompt(1, 150), pooling));
        harness.stepUntilIdle();
        assertEmbedded(sink);
    }

    @Test
    void theLastTokensStateComesAfterACachedPrefixAndTheMeanNeedsAllTokens() {
        Harness harness = Harness.withSlots(64);
        harness.submit(prompt(1, 100), 4);
        harness.stepUntilIdle();
        RecordingSink last = harness.submit(request(prompt(1, 100), Pooling.LAST));
        RecordingSink mean = harness.submit(request(prompt(1, 100), Pooling.MEAN));
        harness.stepUntilIdle();
        assertEmbedded(last);
        assertEmbedded(mean);
        assertThat(last.cachedTokens).isEqualTo(96);
    }

    @Test
    void whatAnEmbeddingHasComputedIsReusedByWhoGenerates() {
        Harness harness = Harness.withSlots(64);
        RecordingSink mean = harness.submit(request(prompt(1, 100), Pooling.MEAN));
        harness.stepUntilIdle();
        RecordingSink text = harness.submit(prompt(1, 100), 4);
        harness.stepUntilIdle();
        assertEmbedded(mean);
        harness.assertServed(text);
        assertThat(text.cachedTokens).isEqualTo(96);
    }

    @ParameterizedTest
    @EnumSource
    void aPromptMayFillTheContextAndThePool(Pooling pooling) {
        for (int slots : new int[] {64, 20}) {
            Harness harness = Harness.withSlots(slots);
            int longest = harness.scheduler.maxTokens();
            RecordingSink sink = harness.submit(request(prompt(1, longest), pooling));
            harness.stepUntilIdle();
            assertEmbedded(sink);
            GenerationRequest tooLong = request(prompt(1, longest + 1), pooling);
            assertThatThrownBy(() -> harness.scheduler.submit(tooLong, new RecordingSink(tooLong)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(String.valueOf(longest + 1));
        }
    }

    @Test
    void aCancelledEmbeddingLeavesNothingBehind() {
        Harness harness = Harness.withSlots(64);
        RecordingSink sink = harness.submit(request(prompt(1, 400), Pooling.MEAN));
        harness.steps(3);
        harness.scheduler.cancel(sink.request.id());
        harness.stepUntilIdle();
        assertThat(sink.reason).isEqualTo(FinishReason.CANCELLED);
        assertThat(sink.embedding).isNull();
    }

    @Test
    void aFailedStepEndsItWithAnError() {
        Harness harness = Harness.withSlots(64);
        RecordingSink sink = harness.submit(request(prompt(1, 100), Pooling.LAST));
        harness.runner.failure = new IllegalStateException("broke");
        harness.stepUntilIdle();
        assertThat(sink.reason).isEqualTo(FinishReason.ERROR);
        assertThat(sink.embedding).isNull();
    }

    @RandomizedTest(30)
    void amongOthersInAPoolThatIsTooSmallEachIsWhatItIsAlone(SplittableRandom random) {
        Harness harness = Harness.withSlots(random.nextInt(14, 40));
        List<RecordingSink> sinks = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            int[] prompt = prompt(random.nextInt(4), random.nextInt(1, 200));
            sinks.add(
                    random.nextInt(3) == 0
                            ? harness.submit(prompt, random.nextInt(1, 20))
                            : harness.submit(request(prompt, random.nextBoolean() ? Pooling.LAST : Pooling.MEAN)));
            harness.steps(random.nextInt(3));
        }
        harness.stepUntilIdle();
        for (RecordingSink sink : sinks) {
            if (sink.request.pooling() == null) {
                harness.assertServed(sink);
            } else {
                assertEmbedded(sink);
            }
        }
    }
}
