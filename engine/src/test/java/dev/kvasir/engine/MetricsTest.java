package dev.kvasir.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.engine.testkit.TestServer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What GET /metrics says. */
class MetricsTest {
    private static final String PROMPT =
            "{\"model\":\"parrot\",\"prompt\":\"" + "m".repeat(63) + "\",\"max_tokens\":%d}";

    @Test
    void hasVllmsNamesWithOurPrefix() throws Exception {
        try (TestServer server = TestServer.start()) {
            server.ok("/v1/completions", PROMPT.formatted(5));
            server.awaitIdle();
            String metrics = server.get("/metrics").body();
            for (String name : List.of(
                    "kvasir_num_requests_running{model_name=\"parrot\"} 0.0",
                    "kvasir_num_requests_waiting{model_name=\"parrot\"} 0.0",
                    "kvasir_kv_cache_usage_perc{model_name=\"parrot\",tier=\"device\"} 0.0",
                    "kvasir_prefix_cache_queries_total{model_name=\"parrot\",tier=\"device\"} 64.0",
                    "kvasir_prefix_cache_hits_total{model_name=\"parrot\",tier=\"device\"} 0.0",
                    "kvasir_num_preemptions_total{model_name=\"parrot\"} 0.0",
                    "kvasir_prompt_tokens_total{model_name=\"parrot\"} 64.0",
                    "kvasir_generation_tokens_total{model_name=\"parrot\"} 5.0",
                    "kvasir_request_success_total{finished_reason=\"length\",model_name=\"parrot\"} 1.0",
                    "kvasir_request_success_total{finished_reason=\"abort\",model_name=\"parrot\"} 0.0",
                    "kvasir_time_to_first_token_seconds_count{model_name=\"parrot\"} 1",
                    "kvasir_inter_token_latency_seconds_count{model_name=\"parrot\"} 4",
                    "kvasir_e2e_request_latency_seconds_count{model_name=\"parrot\"} 1",
                    "kvasir_request_queue_time_seconds_count{model_name=\"parrot\"} 1",
                    "kvasir_request_prefill_time_seconds_count{model_name=\"parrot\"} 1",
                    "kvasir_request_decode_time_seconds_count{model_name=\"parrot\"} 1",
                    "kvasir_time_to_first_token_seconds_bucket{model_name=\"parrot\",le=\"2560.0\"} 1",
                    "kvasir_http_requests_total{handler=\"/v1/completions\",method=\"POST\",status=\"200\"} 1.0",
                    "jvm_memory_used_bytes")) {
                assertThat(metrics).contains("\n" + name);
            }
        }
    }

    @Test
    void countsHitsInTokens() throws Exception {
        try (TestServer server = TestServer.start()) {
            server.ok("/v1/completions", PROMPT.formatted(1));
            server.awaitIdle();
            server.ok("/v1/completions", PROMPT.formatted(1));
            server.awaitIdle();
            // Of 64 prompt tokens three segments of 16 can be reused: the last token is always computed.
            assertThat(LeavingTest.metric(server, "kvasir_prefix_cache_hits_total"))
                    .isEqualTo("48.0");
            assertThat(LeavingTest.metric(server, "kvasir_prefix_cache_queries_total"))
                    .isEqualTo("128.0");
        }
    }

    @Test
    void labelsAreNeverWhatAClientSent() throws Exception {
        try (TestServer server = TestServer.start()) {
            server.get("/v1/made/up/" + "x".repeat(50));
            server.client.send(
                    java.net.http.HttpRequest.newBuilder(server.uri("/health"))
                            .method("INVENTED", java.net.http.HttpRequest.BodyPublishers.noBody())
                            .build(),
                    java.net.http.HttpResponse.BodyHandlers.ofString());
            String metrics = server.get("/metrics").body();
            assertThat(metrics).doesNotContain("made/up").doesNotContain("INVENTED");
            assertThat(metrics)
                    .contains("kvasir_http_requests_total{handler=\"unknown\",method=\"GET\",status=\"404\"} 1.0")
                    .contains("kvasir_http_requests_total{handler=\"/health\",method=\"other\",status=\"405\"} 1.0");
        }
    }

    @Test
    void aStopStringCountsAsAStop() throws Exception {
        try (TestServer server = TestServer.start()) {
            server.ok("/v1/completions", "{\"model\":\"parrot\",\"prompt\":\"abc.def\",\"stop\":\".\"}");
            server.awaitIdle();
            TestServer.await("the count", () -> LeavingTest.metric(
                            server, "kvasir_request_success_total{finished_reason=\"stop\"")
                    .equals("1.0"));
        }
    }
}
