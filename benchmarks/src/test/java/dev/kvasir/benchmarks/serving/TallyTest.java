package dev.kvasir.benchmarks.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;

class TallyTest {
    private static final long MS = 1_000_000;
    private static final TokenUsage NO_USAGE = new TokenUsage(0, 0, TokenUsage.UNKNOWN);

    private final Goodput goodput = Goodput.parse("ttft:100");
    private final Tally tally = new Tally(goodput);

    private static RequestResult result(int index, long dueMs, TokenUsage usage, long... chunksMs) {
        long[] nanos = new long[chunksMs.length];
        for (int i = 0; i < nanos.length; i++) {
            nanos[i] = chunksMs[i] * MS;
        }
        long end = nanos.length == 0 ? dueMs * MS : nanos[nanos.length - 1];
        return new RequestResult(
                index, dueMs * MS, dueMs * MS, ChunkTimes.of(nanos), end, usage, !usage.equals(NO_USAGE), null, null);
    }

    @Test
    void addsUpTokensTimesAndRates() {
        tally.accept(result(1, 0, new TokenUsage(100, 3, 64), 50, 60, 80));
        tally.accept(result(0, 10, new TokenUsage(50, 2, 0), 310, 360));
        Summary summary = tally.summary(2_000 * MS);

        assertThat(summary.completed()).isEqualTo(2);
        assertThat(summary.tokens()).isEqualTo(new Summary.Tokens(150, 5, 64, 5));
        assertThat(summary.requestsPerSecond()).isEqualTo(1);
        assertThat(summary.outputTokensPerSecond()).isEqualTo(2.5);
        assertThat(summary.totalTokensPerSecond()).isEqualTo(77.5);
        assertThat(summary.ttft().maxMs()).isEqualTo(300);
        assertThat(summary.ttft().meanMs()).isEqualTo(175);
        assertThat(summary.tpot().meanMs()).isEqualTo((15.0 + 50) / 2);
        assertThat(summary.itl().count()).isEqualTo(3);
        assertThat(summary.itl().meanMs()).isEqualTo((10.0 + 20 + 50) / 3, within(1e-9));
        assertThat(summary.e2e().meanMs()).isEqualTo((80.0 + 350) / 2);
        assertThat(summary.meanConcurrency()).isEqualTo((80.0 + 350) / 2000, within(1e-9));
        assertThat(summary.good()).isEqualTo(1);
        assertThat(summary.goodPerSecond()).isEqualTo(0.5);
        assertThat(tally.requests()).extracting(RequestResult::index).containsExactly(0, 1);
    }

    @Test
    void failuresCountByKindAndAddNeitherTokensNorTimes() {
        tally.accept(result(0, 0, new TokenUsage(9, 9, 9), 5).withFailure("HTTP 429", "queue full"));
        tally.accept(result(1, 0, new TokenUsage(9, 9, 9), 5).withFailure("HTTP 429", "queue still full"));
        tally.accept(RequestResult.failed(2, 0, 0, RequestResult.CANCELLED, ""));
        Summary summary = tally.summary(1_000 * MS);

        assertThat(summary.completed()).isZero();
        assertThat(summary.failed()).isEqualTo(2);
        assertThat(summary.cancelled()).isEqualTo(1);
        assertThat(summary.failures()).containsEntry("HTTP 429", new Tally.Failures(2, "queue full"));
        assertThat(summary.tokens().output()).isZero();
        assertThat(summary.ttft().count()).isZero();
        assertThat(SummaryText.of(summary, goodput))
                .contains("HTTP 429: 2 requests; the first said: queue full")
                .doesNotContain(RequestResult.CANCELLED);
    }

    @Test
    void saysSoWhereTheServerDoesNotReportWhatItWasAskedFor() {
        tally.accept(result(0, 0, NO_USAGE, 5, 6));
        Summary summary = tally.summary(1_000 * MS);
        assertThat(summary.tokens().isCacheReported()).isFalse();
        assertThat(SummaryText.of(summary, null)).contains("not reported", "no usage for 1 requests");
        JsonNode json = SummaryJson.of(summary);
        assertThat(json.path("cachedTokens").isNull()).isTrue();
        assertThat(json.path("withoutUsage").asInt()).isEqualTo(1);
    }

    @Test
    void saysHowManyTokensAChunkCarriedIfMoreThanOne() {
        tally.accept(result(0, 0, new TokenUsage(1, 6, 0), 5, 6));
        assertThat(SummaryText.of(tally.summary(MS), null)).contains("A chunk carried 3.00 tokens");
    }

    @Test
    void aRunWithoutAnyAnswerHasNoTimesButAReport() {
        Summary summary = tally.summary(1_000 * MS);
        assertThat(SummaryText.of(summary, goodput)).contains("TTFT").contains("-");
        assertThat(SummaryJson.of(summary).path("ttftMs").path("p50").isNull()).isTrue();
    }
}
