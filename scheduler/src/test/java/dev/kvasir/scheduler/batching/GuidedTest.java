package dev.kvasir.scheduler.batching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvasir.runner.Guide;
import dev.kvasir.runner.GuideSpec;
import dev.kvasir.runner.GuideState;
import dev.kvasir.scheduler.FinishReason;
import dev.kvasir.scheduler.GenerationRequest;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Generations that end with their guides. */
class GuidedTest {
    /**
     * Takes so many tokens, whichever they are.
     *
     * @param most then it's over
     */
    private record Counting(int most) implements Guide {
        @Override
        public GuideSpec spec() {
            return new GuideSpec("{}");
        }

        @Override
        public GuideState start(int[] endTokens) {
            return new GuideState() {
                private int count;

                @Override
                public long[] allowed() {
                    long[] all = new long[64];
                    Arrays.fill(all, -1L);
                    return all;
                }

                @Override
                public void accept(int token) {
                    if (count++ == most) {
                        throw new IllegalStateException("more than " + most);
                    }
                }

                @Override
                public boolean isComplete() {
                    return count == most;
                }

                @Override
                public boolean isOver() {
                    return count == most;
                }
            };
        }
    }

    private final Harness harness = Harness.withSlots(64);

    private RecordingSink generate(GenerationRequest request) {
        RecordingSink sink = harness.submit(request);
        harness.stepUntilIdle();
        return sink;
    }

    @Test
    void aGenerationStopsWhereItsGuideIsOver() {
        RecordingSink free = generate(harness.request(Harness.prompt(1, 20), 6));
        RecordingSink guided =
                generate(harness.request(Harness.prompt(1, 20), 6).withGuide(new Counting(4)));
        assertThat(guided.reason).isEqualTo(FinishReason.STOP);
        assertThat(guided.tokens).isEqualTo(free.tokens.subList(0, 4));
    }

    @Test
    void theLimitComesFirstIfItIsLess() {
        RecordingSink sink = generate(harness.request(Harness.prompt(1, 20), 3).withGuide(new Counting(4)));
        assertThat(sink.reason).isEqualTo(FinishReason.LENGTH);
        assertThat(sink.tokens).hasSize(3);
    }

    @Test
    void aResumedRequestWhoseGuideIsOverOnlyEnds() {
        GenerationRequest request = harness.request(Harness.prompt(1, 20), 6).withGuide(new Counting(4));
        RecordingSink sink = generate(request.resumedAfter(new int[] {1, 2, 3, 4}));
        assertThat(sink.reason).isEqualTo(FinishReason.STOP);
        assertThat(sink.tokens).isEmpty();
    }

    @Test
    void tokensThatAnotherGuideAllowedAreRefused() {
        GenerationRequest request = harness.request(Harness.prompt(1, 20), 9).withGuide(new Counting(2));
        GenerationRequest resumed = request.resumedAfter(new int[] {1, 2, 3});
        assertThatThrownBy(() -> harness.submit(resumed)).isInstanceOf(IllegalArgumentException.class);
    }
}
