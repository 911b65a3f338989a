package dev.kvasir.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.engine.testkit.TestServer;
import dev.kvasir.pool.SegmentId;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What an administrator sees of the pool and may do to it. */
class PoolRoutesTest {
    private static final String POOL = "/v1/kvasir/pool";
    private static final String EVICT = POOL + "/evict";
    private static final String ALICE = "alice-key-1";
    private static final String ROOT = "root-key-1";

    /** 64 tokens with the beginning's: four segments, of which three can be found again. */
    private static final String PROMPT =
            "{\"model\":\"parrot\",\"prompt\":\"" + "s".repeat(63) + "\",\"max_tokens\":5}";

    @Test
    void saysWhatThePoolHolds() throws Exception {
        try (TestServer server = TestServer.start()) {
            complete(server);
            complete(server);
            JsonNode report = TestServer.json(server.get(POOL).body());
            assertThat(report.path("tiers"))
                    .isEqualTo(TestServer.json("[{\"tier\":\"device\",\"bytes\":16384,"
                            + "\"slots\":{\"total\":64,\"free\":60,\"writing\":0,\"pinned\":0,\"evictable\":4},"
                            + "\"inserted\":4,\"duplicates\":1,\"hits\":3,\"hit_tokens\":48,\"misses\":3,"
                            + "\"promotions\":0,\"demotions\":0,\"evictions\":0,\"failures\":{}}]"));
            List<String> prefixes = new ArrayList<>();
            Set<String> names = new HashSet<>();
            for (JsonNode prefix : report.path("top_prefixes")) {
                assertThat(prefix.path("id").asText()).matches("[0-9a-f]{16}");
                assertThat(prefix.path("tier").asText()).isEqualTo("device");
                prefixes.add(prefix.path("tokens") + " tokens, " + prefix.path("hits") + " hits");
                names.add(prefix.path("tenant").asText());
            }
            assertThat(prefixes).containsExactly("48 tokens, 1 hits", "64 tokens, 0 hits");
            assertThat(names).hasSize(1);
            assertThat(report.path("tenants"))
                    .isEqualTo(TestServer.json("[{\"tenant\":\""
                            + names.iterator().next() + "\",\"segments\":{\"device\":4},\"quota_segments\":null}]"));
        }
    }

    @Test
    void topSaysHowManyPrefixes() throws Exception {
        try (TestServer server = TestServer.start()) {
            complete(server);
            complete(server);
            assertThat(prefixes(server, "?top=0")).isZero();
            assertThat(prefixes(server, "?top=1")).isEqualTo(1);
            assertThat(prefixes(server, "?top=1000")).isEqualTo(2);
            for (String query : List.of("top=1001", "top=-1", "top=", "top=x", "top=1&top=2", "top=99999999999")) {
                assertRefused(server.get(POOL + "?" + query), "top");
            }
            assertRefused(server.get(POOL + "?tip=1"), "tip");
            assertThat(statusLine(server, POOL + "?top=%zz")).isEqualTo("HTTP/1.1 400 Bad Request");
            assertThat(statusLine(server, POOL + "?top=%3")).isEqualTo("HTTP/1.1 400 Bad Request");
            assertThat(statusLine(server, POOL + "?top=%33")).isEqualTo("HTTP/1.1 200 OK");
        }
    }

    @Test
    void itTellsNothingThatCouldFindAnything() throws Exception {
        try (TestServer server = keyed()) {
            server.ok("/v1/completions", PROMPT, "authorization", "Bearer " + ALICE);
            server.awaitIdle();
            String report = server.get(POOL, "authorization", "Bearer " + ROOT).body();
            SegmentId root = Objects.requireNonNull(server.server.node().serving())
                    .roots()
                    .rootFor("alice", null);
            assertThat(report)
                    .contains("top_prefixes")
                    .doesNotContain("alice")
                    .doesNotContain("sss")
                    .doesNotContain(root.toString().substring(0, 16));
        }
    }

    @Test
    void evictsSomeOrAll() throws Exception {
        try (TestServer server = TestServer.start()) {
            complete(server);
            assertThat(evicted(server, "{\"tier\":\"device\",\"segments\":1}")).isEqualTo(1);
            assertThat(server.scheduler().stats().pool().sealed()).isEqualTo(3);
            assertThat(evicted(server, "{\"tier\":\"device\",\"all\":true}")).isEqualTo(3);
            assertThat(evicted(server, "{\"tier\":\"device\",\"segments\":100,\"all\":false}"))
                    .isZero();
            assertThat(complete(server)
                            .path("usage")
                            .path("prompt_tokens_details")
                            .path("cached_tokens")
                            .asInt(-1))
                    .isZero();
            assertThat(LeavingTest.metric(server, "kvasir_kv_cache_evictions_total"))
                    .isEqualTo("4.0");
        }
    }

    @Test
    void theyAreForAdministrators() throws Exception {
        String all = "{\"tier\":\"device\",\"all\":true}";
        try (TestServer server = keyed()) {
            assertThat(server.get(POOL).statusCode()).isEqualTo(401);
            assertThat(server.post(EVICT, all).statusCode()).isEqualTo(401);
            assertThat(server.get(POOL, "authorization", "Bearer " + ALICE).statusCode())
                    .isEqualTo(403);
            assertThat(server.post(EVICT, all, "authorization", "Bearer " + ALICE)
                            .statusCode())
                    .isEqualTo(403);
            assertThat(server.get(POOL, "authorization", "Bearer " + ROOT).statusCode())
                    .isEqualTo(200);
            assertThat(server.post(EVICT, all, "authorization", "Bearer " + ROOT)
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void theWrongMethodIsToldTheRightOne() throws Exception {
        try (TestServer server = TestServer.start()) {
            HttpResponse<String> posted = server.post(POOL, "{}");
            assertThat(posted.statusCode()).isEqualTo(405);
            assertThat(posted.headers().firstValue("allow")).contains("GET");
            HttpResponse<String> got = server.get(EVICT);
            assertThat(got.statusCode()).isEqualTo(405);
            assertThat(got.headers().firstValue("allow")).contains("POST");
        }
    }

    @Test
    void aQuestionWaitsForTheRunningStepAndOnlySoManyDo() throws Exception {
        try (TestServer server = TestServer.start()) {
            server.runner.pause();
            CompletableFuture<HttpResponse<String>> running =
                    server.client.sendAsync(server.postRequest("/v1/completions", PROMPT), BodyHandlers.ofString());
            TestServer.await("a step", server.runner::isHolding);
            List<CompletableFuture<HttpResponse<String>>> asked = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                asked.add(server.client.sendAsync(
                        server.postRequest(EVICT, "{\"tier\":\"device\",\"all\":true}"), BodyHandlers.ofString()));
            }
            TestServer.await(
                    "refusals",
                    () -> asked.stream().filter(CompletableFuture::isDone).count() == 4);
            server.runner.resume();
            List<Integer> statuses = asked.stream()
                    .map(answer -> answer.join().statusCode())
                    .sorted()
                    .toList();
            assertThat(statuses).startsWith(200).endsWith(503, 503, 503, 503);
            assertThat(statuses.stream().filter(status -> status == 200)).hasSize(16);
            assertThat(running.join().statusCode()).isEqualTo(200);
        }
    }

    @Test
    void whoStillWaitsAtTheEndIsTold() throws Exception {
        TestServer server = TestServer.start("http.drainSeconds=0");
        server.runner.pause();
        CompletableFuture<HttpResponse<String>> running =
                server.client.sendAsync(server.postRequest("/v1/completions", PROMPT), BodyHandlers.ofString());
        TestServer.await("a step", server.runner::isHolding);
        CompletableFuture<HttpResponse<String>> asked = server.client.sendAsync(
                server.postRequest(EVICT, "{\"tier\":\"device\",\"all\":true}"), BodyHandlers.ofString());
        TestServer.await("the question", () -> server.server.door().exchanges() == 2);
        CompletableFuture<Void> closed = CompletableFuture.runAsync(server.server::close);
        TestServer.await("the stop", () -> server.server.node().isStopped());
        server.runner.allow(1);
        assertThat(asked.join().statusCode()).isEqualTo(503);
        assertThat(asked.join().headers().firstValue("retry-after")).isPresent();
        running.join();
        closed.join();
    }

    @Test
    void everyTierHasItsMetrics() throws Exception {
        try (TestServer server = TestServer.start()) {
            complete(server);
            complete(server);
            String metrics = server.get("/metrics").body();
            String tier = "{model_name=\"parrot\",tier=\"device\"} ";
            for (String name : List.of(
                    "kvasir_kv_cache_bytes" + tier + "16384.0",
                    "kvasir_kv_cache_slots" + tier + "64.0",
                    "kvasir_kv_cache_sealed_slots" + tier + "4.0",
                    "kvasir_kv_cache_state_slots{model_name=\"parrot\",state=\"free\",tier=\"device\"} 60.0",
                    "kvasir_kv_cache_state_slots{model_name=\"parrot\",state=\"writing\",tier=\"device\"} 0.0",
                    "kvasir_kv_cache_state_slots{model_name=\"parrot\",state=\"pinned\",tier=\"device\"} 0.0",
                    "kvasir_kv_cache_state_slots{model_name=\"parrot\",state=\"evictable\",tier=\"device\"} 4.0",
                    "kvasir_kv_cache_hits_total" + tier + "3.0",
                    "kvasir_kv_cache_misses_total" + tier + "3.0",
                    "kvasir_kv_cache_evictions_total" + tier + "0.0",
                    "kvasir_kv_cache_promotions_total" + tier + "0.0",
                    "kvasir_kv_cache_demotions_total" + tier + "0.0")) {
                assertThat(metrics).contains("\n" + name);
            }
            assertThat(metrics).doesNotContain("tier=\"host\"").doesNotContain("tier=\"disk\"");
        }
    }

    private static TestServer keyed() {
        return TestServer.start("http.apiKeys=[alice:" + ALICE + "]", "http.adminKeys=[root:" + ROOT + "]");
    }

    private static JsonNode complete(TestServer server) throws Exception {
        JsonNode answer = server.ok("/v1/completions", PROMPT);
        server.awaitIdle();
        return answer;
    }

    private static int evicted(TestServer server, String body) throws Exception {
        return server.ok(EVICT, body).path("evicted").asInt(-1);
    }

    private static int prefixes(TestServer server, String query) throws Exception {
        return TestServer.json(server.get(POOL + query).body())
                .path("top_prefixes")
                .size();
    }

    /** Sends a request that Java's client wouldn't. */
    private static String statusLine(TestServer server, String target) throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.server.port())) {
            socket.getOutputStream()
                    .write(("GET " + target + " HTTP/1.1\r\nhost: localhost\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))
                    .readLine();
        }
    }

    private static void assertRefused(HttpResponse<String> response, String param) {
        assertThat(response.statusCode()).isEqualTo(400);
        JsonNode error = TestServer.json(response.body()).path("error");
        assertThat(error.path("type").asText()).isEqualTo("invalid_request_error");
        assertThat(error.path("param").asText()).isEqualTo(param);
    }
}
