package dev.kvasir.engine.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.pool.CachedTokens;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.runner.SamplingParams;
import dev.kvasir.scheduler.FinishReason;
import dev.kvasir.scheduler.GenerationRequest;
import dev.kvasir.scheduler.RequestStats;
import dev.kvasir.scheduler.Scheduler;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Where a request's time went. */
class TraceTest {
    private final TenantHits tenants = new TenantHits();
    private final Traces traces = new Traces(() -> 1_000_000, () -> ms(50), tenants);

    private static long ms(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }

    private static GenerationRequest request(String id, int promptTokens) {
        return new GenerationRequest(
                id,
                new SegmentId(1, 2, 3, 4),
                new int[promptTokens],
                SamplingParams.GREEDY,
                100,
                0,
                new int[0],
                -1,
                ms(10));
    }

    private static RequestStats stats(int prompt, CachedTokens cached, int generated) {
        return new RequestStats(prompt, cached, generated, 0, ms(10), ms(20), ms(60), ms(90));
    }

    @Test
    void hasEveryStageInItsOrder() {
        GenerationRequest request = request("a", 100);
        traces.onSubmitted(request, ms(12));
        traces.onQueued(request, ms(13));
        CachedTokens cached = new CachedTokens(16, 0, 48, 0);
        traces.onAdmitted(request, cached, 100, ms(15), ms(20));
        traces.onComputed("a", 64, 90, ms(20), ms(40));
        traces.onComputed("a", 90, 100, ms(40), ms(60));
        traces.onComputed("a", 100, 101, ms(62), ms(65));
        traces.onPreempted("a", ms(66));
        traces.onComputed("a", 64, 102, ms(70), ms(80));
        traces.onComputed("a", 102, 103, ms(81), ms(85));
        traces.onFinished("a", FinishReason.LENGTH, stats(100, cached, 4));

        ObjectNode json = traces.json("a").orElseThrow();
        assertThat(json.path("state").asText()).isEqualTo("length");
        assertThat(json.path("cached").path("disk").asInt()).isEqualTo(48);
        assertThat(json.path("at").toString())
                .isEqualTo(
                        "{\"submitted\":2.0,\"queued\":3.0,\"fetch\":5.0,\"admitted\":10.0,\"firstToken\":50.0,\"finished\":80.0}");
        StringBuilder kinds = new StringBuilder();
        for (JsonNode span : json.path("spans")) {
            kinds.append(span.path("kind").asText())
                    .append(' ')
                    .append(span.path("begin").asInt())
                    .append('-')
                    .append(span.path("end").asInt())
                    .append(' ');
        }
        assertThat(kinds.toString().strip())
                .isEqualTo("prefill 10-30 prefill 30-50 decode 52-55 preempted 56-60 prefill 60-70 decode 71-75");
        assertThat(tenants.json().toString()).contains("\"lookedUp\":100,\"found\":64");
        assertThat(traces.rows().path("a").path(1).asText()).isEqualTo("length");
    }

    @Test
    void hasAConstantSizeHoweverLongTheAnswer() {
        GenerationRequest request = request("long", 10);
        traces.onSubmitted(request, ms(11));
        traces.onAdmitted(request, CachedTokens.NONE, 10, ms(12), ms(12));
        traces.onComputed("long", 0, 10, ms(12), ms(20));
        for (int token = 10; token < 50_000; token++) {
            if (token % 97 == 0) {
                traces.onPreempted("long", ms(token * 10L + 1));
            }
            traces.onComputed("long", token, token + 1, ms(token * 10L + 2), ms(token * 10L + 10));
        }
        JsonNode spans = traces.json("long").orElseThrow().path("spans");
        assertThat(spans.size()).isBetween(2, Trace.MOST_SPANS);
        assertThat(spans.get(spans.size() - 1).path("to").asInt()).isEqualTo(50_000);
    }

    @Test
    void keepsTheLastOnesAlone() {
        for (int i = 0; i < Traces.MOST_ENDED + 10; i++) {
            traces.onSubmitted(request("r" + i, 5), ms(12));
            traces.onEnded("r" + i, FinishReason.STOP, stats(5, CachedTokens.NONE, 1));
        }
        assertThat(traces.json("r9")).isEmpty();
        assertThat(traces.json("r10")).isPresent();
        assertThat(traces.rows().size()).isEqualTo(50);
        for (int i = 0; i < Traces.MOST_LIVE + 10; i++) {
            traces.onSubmitted(request("live" + i, 5), ms(12));
        }
        assertThat(traces.json("live9")).isEmpty();
        assertThat(traces.json("live10")).isPresent();
        assertThat(traces.rows().size()).isEqualTo(100);
    }

    @Test
    void tellsWhyOneWasRefused() {
        traces.onSubmitted(request("full", 5), ms(12));
        traces.onRefused("full", Scheduler.Submission.QUEUE_FULL);
        assertThat(traces.json("full").orElseThrow().path("state").asText()).isEqualTo("queue_full");
        assertThat(traces.refused()).isEqualTo(1);
    }

    @Test
    void takesFromTheEndWhatAnotherNodeHasDone() {
        traces.onSubmitted(request("away", 100), ms(12));
        traces.onEnded("away", FinishReason.STOP, stats(100, new CachedTokens(0, 0, 0, 64), 7));
        ObjectNode json = traces.json("away").orElseThrow();
        assertThat(json.path("at").path("firstToken").asInt()).isEqualTo(50);
        assertThat(json.path("cached").path("remote").asInt()).isEqualTo(64);
        assertThat(json.path("generated").asInt()).isEqualTo(7);
    }
}
