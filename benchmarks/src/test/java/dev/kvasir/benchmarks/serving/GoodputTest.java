package dev.kvasir.benchmarks.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvasir.benchmarks.serving.Goodput.Metric;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GoodputTest {
    private static final long MS = 1_000_000;

    private static RequestResult result(long ttftMs, long e2eMs, int outputTokens) {
        TokenUsage usage = new TokenUsage(10, outputTokens, 0);
        return new RequestResult(0, 0, 0, ChunkTimes.of(ttftMs * MS), e2eMs * MS, usage, true, null, null);
    }

    @Test
    void readsTargetsInAnyOrder() {
        Goodput goodput = Goodput.parse("tpot:50,TTFT:500.5");
        assertThat(goodput.targetsMs())
                .containsEntry(Metric.TPOT, 50.0)
                .containsEntry(Metric.TTFT, 500.5)
                .hasSize(2);
        assertThat(goodput).hasToString("ttft <= 500.5 ms, tpot <= 50.0 ms");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "ttft", "ttft:", "ttft:x", "ttft:0", "ttft:-1", "itl:5", "ttft:5,,tpot:5", "ttft:1,ttft:2"})
    void refusesWhatIsNoTarget(String text) {
        assertThatThrownBy(() -> Goodput.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("ttft:500,tpot:50");
    }

    @Test
    void aRequestIsGoodIfItMeetsEveryTarget() {
        Goodput goodput = Goodput.parse("ttft:100,tpot:10,e2e:1000");
        assertThat(goodput.isGood(result(100, 200, 11))).isTrue();
        assertThat(goodput.isGood(result(101, 200, 11))).isFalse();
        assertThat(goodput.isGood(result(100, 211, 11))).isFalse();
        assertThat(goodput.isGood(result(100, 1001, 1000))).isFalse();
    }

    @Test
    void oneTokenMeetsAnyTimePerFurtherToken() {
        assertThat(Goodput.parse("tpot:1").isGood(result(500, 500, 1))).isTrue();
    }

    @Test
    void aFailureIsNeverGood() {
        assertThat(Goodput.parse("e2e:1000").isGood(result(1, 2, 2).withFailure("truncated", "")))
                .isFalse();
    }
}
