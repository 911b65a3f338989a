package dev.kvasir.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.engine.testkit.Sse;
import dev.kvasir.engine.testkit.TestServer;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Limits of keys and pages of other origins, over HTTP. */
class GuardTest {
    private static final String COMPLETION = "{\"model\":\"parrot\",\"prompt\":\"%s\",\"max_tokens\":%d}";
    private static final String APP = "https://app.example";

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start(
                "http.apiKeys=[free:free-key-1, few:few-key-12 requests=3, words:words-key-1 tokens=40,"
                        + " one:one-key-12 concurrent=1 requests=0, vectors:vectors-key tokens=100, later:later-key-1 concurrent=1]",
                "http.adminKeys=[root:root-key-1]",
                "http.limits.requestsPerMinute=1000",
                "http.corsOrigins=[" + APP + "]");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void nothingIsLeft() {
        server.runner.resume();
        server.awaitIdle();
    }

    @Test
    void requestsOfAKeyAreCountedAndOthersArent() throws Exception {
        HttpResponse<String> first = complete("few-key-12", "a", 1);
        assertThat(first.statusCode()).isEqualTo(200);
        assertThat(header(first, "x-ratelimit-limit-requests")).isEqualTo("3");
        assertThat(header(first, "x-ratelimit-remaining-requests")).isEqualTo("2");
        assertThat(complete("few-key-12", "a", 0).statusCode()).isEqualTo(400); // counts, too
        assertThat(server.get("/v1/models", "authorization", "Bearer few-key-12")
                        .statusCode())
                .isEqualTo(200);
        HttpResponse<String> refused = complete("few-key-12", "a", 1);
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(TestServer.json(refused.body()).path("error").path("code").asText())
                .isEqualTo("rate_limit_exceeded");
        assertThat(Integer.parseInt(header(refused, "retry-after"))).isBetween(1, 20);
        assertThat(header(refused, "x-ratelimit-remaining-requests")).isEqualTo("0");
        // What isn't the model's isn't limited, and nor is another key.
        assertThat(server.get("/metrics", "authorization", "Bearer few-key-12").statusCode())
                .isEqualTo(200);
        HttpResponse<String> free = complete("free-key-1", "a", 1);
        assertThat(free.statusCode()).isEqualTo(200);
        assertThat(header(free, "x-ratelimit-limit-requests")).isEqualTo("1000");
        assertThat(free.headers().firstValue("x-ratelimit-limit-tokens")).isEmpty();
        assertThat(server.get("/metrics", "authorization", "Bearer root-key-1").body())
                .contains("kvasir_rate_limited_total{limit=\"requests\"} 1.0");
    }

    @Test
    void tokensOfPromptsAndAnswersAreCounted() throws Exception {
        HttpResponse<String> first = complete("words-key-1", "0123456789", 10); // 11 tokens and 10 tokens
        assertThat(first.statusCode()).isEqualTo(200);
        assertThat(header(first, "x-ratelimit-remaining-tokens")).isEqualTo("29");
        HttpResponse<String> second = complete("words-key-1", "0".repeat(39), 1); // half a minute's more than is left
        assertThat(second.statusCode()).isEqualTo(429);
        assertThat(Integer.parseInt(header(second, "x-ratelimit-remaining-tokens")))
                .isBetween(19, 39);
        HttpResponse<String> never = complete("words-key-1", "0".repeat(40), 1);
        assertThat(never.statusCode()).isEqualTo(429);
        assertThat(header(never, "x-should-retry")).isEqualTo("false");
    }

    @Test
    void requestsAtOnceAreCountedAndFreedByWhoLeaves() throws Exception {
        server.runner.pause();
        CompletableFuture<HttpResponse<String>> running = server.client.sendAsync(
                server.postRequest(
                        "/v1/completions", COMPLETION.formatted("ab", 2), "authorization", "Bearer one-key-12"),
                BodyHandlers.ofString());
        TestServer.await("it runs", server.runner::isHolding);
        HttpResponse<String> refused = complete("one-key-12", "a", 1);
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.body()).contains("1 requests at once");
        server.runner.resume();
        assertThat(running.get().statusCode()).isEqualTo(200);
        server.runner.pause();
        CompletableFuture<HttpResponse<String>> left = server.client.sendAsync(
                server.postRequest(
                        "/v1/completions", COMPLETION.formatted("ab", 2), "authorization", "Bearer one-key-12"),
                BodyHandlers.ofString());
        TestServer.await("it runs", server.runner::isHolding);
        left.cancel(true);
        TestServer.await("it was left", () -> server.server.door().exchanges() == 0);
        server.runner.resume();
        assertThat(complete("one-key-12", "a", 1).statusCode()).isEqualTo(200);
    }

    @Test
    void whatGoesOnInTheBackgroundCountsUntilItsEnd() throws Exception {
        server.runner.pause();
        String body = "{\"model\":\"parrot\",\"input\":\"abc\",\"max_output_tokens\":2,\"background\":true}";
        assertThat(server.post("/v1/responses", body, "authorization", "Bearer later-key-1")
                        .statusCode())
                .isEqualTo(200);
        TestServer.await("it was answered", () -> server.server.door().exchanges() == 0);
        assertThat(complete("later-key-1", "a", 1).statusCode()).isEqualTo(429);
        server.runner.resume();
        TestServer.await("it's over", () -> {
            try {
                return complete("later-key-1", "a", 1).statusCode() == 200;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @Test
    void aStreamSaysWhatIsLeftInItsHead() throws Exception {
        HttpResponse<String> stream = server.post(
                "/v1/completions",
                "{\"model\":\"parrot\",\"prompt\":\"abc\",\"stream\":true}",
                "authorization",
                "Bearer free-key-1");
        assertThat(header(stream, "x-ratelimit-limit-requests")).isEqualTo("1000");
        assertThat(Sse.parse(stream.body()).text(0)).isEqualTo("abc");
    }

    @Test
    void withoutAKeyEveryRouteIsClosedButHealthAndPages() throws Exception {
        for (String route : server.server.door().routes()) {
            String method = route.substring(0, route.indexOf(' '));
            String path = route.substring(route.indexOf(' ') + 1)
                    .replace("{file}", "app.css")
                    .replaceAll("\\{\\w+\\}", "x");
            HttpResponse<String> answer = server.client.send(
                    HttpRequest.newBuilder(server.uri(path))
                            .method(method, BodyPublishers.noBody())
                            .build(),
                    BodyHandlers.ofString());
            String type = answer.headers().firstValue("content-type").orElse("");
            if (answer.statusCode() == 200) {
                assertThat(path.equals("/health") || type.matches("(text/(html|css|javascript)|image/|font/).*"))
                        .as(route)
                        .isTrue();
            } else {
                assertThat(answer.statusCode()).as(route).isEqualTo(401);
            }
        }
    }

    @Test
    void embeddingsAreCountedInTokens() throws Exception {
        HttpResponse<String> answer = server.post(
                "/v1/embeddings",
                "{\"model\":\"parrot\",\"input\":\"0123456789\"}",
                "authorization",
                "Bearer vectors-key");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(header(answer, "x-ratelimit-remaining-tokens")).isEqualTo("89"); // and the one that begins
    }

    @Test
    void aBrowserMayAskBeforehandWithoutAKey() throws Exception {
        HttpResponse<String> answer = preflight(APP, "/v1/chat/completions");
        assertThat(answer.statusCode()).isEqualTo(204);
        assertThat(header(answer, "access-control-allow-origin")).isEqualTo(APP);
        assertThat(header(answer, "access-control-allow-methods")).contains("POST");
        assertThat(header(answer, "access-control-allow-headers"))
                .isEqualTo("authorization, content-type, x-stainless-os");
        assertThat(answer.headers().firstValue("access-control-allow-credentials"))
                .isEmpty();
        HttpResponse<String> elsewhere = preflight("https://evil.example", "/v1/chat/completions");
        assertThat(elsewhere.statusCode()).isEqualTo(401);
        assertThat(elsewhere.headers().firstValue("access-control-allow-origin"))
                .isEmpty();
    }

    @Test
    void aPageOfAnAllowedOriginMayReadItsAnswers() throws Exception {
        HttpResponse<String> answer = server.get("/v1/models", "authorization", "Bearer free-key-1", "origin", APP);
        assertThat(header(answer, "access-control-allow-origin")).isEqualTo(APP);
        assertThat(header(answer, "access-control-expose-headers")).contains("x-request-id");
        assertThat(header(answer, "vary")).isEqualTo("origin");
        HttpResponse<String> refused = server.get("/v1/models", "origin", APP);
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(header(refused, "access-control-allow-origin")).isEqualTo(APP); // so that the page can read why
        HttpResponse<String> elsewhere =
                server.get("/v1/models", "authorization", "Bearer free-key-1", "origin", APP + ".evil.example");
        assertThat(elsewhere.headers().firstValue("access-control-allow-origin"))
                .isEmpty();
        assertThat(header(elsewhere, "vary")).isEqualTo("origin");
    }

    @Test
    void withoutKeysAnAllowedOriginIsServedAndNoOther() throws Exception {
        try (TestServer open = TestServer.start("http.corsOrigins=[" + APP + "]", "http.limits.concurrent=5")) {
            assertThat(open.get("/v1/models", "origin", APP).statusCode()).isEqualTo(200);
            assertThat(open.get("/v1/models", "origin", "https://other.example").statusCode())
                    .isEqualTo(403);
        }
    }

    private static HttpResponse<String> preflight(String origin, String path) throws Exception {
        return server.client.send(
                HttpRequest.newBuilder(server.uri(path))
                        .method("OPTIONS", BodyPublishers.noBody())
                        .header("origin", origin)
                        .header("access-control-request-method", "POST")
                        .header("access-control-request-headers", "authorization, content-type, x-stainless-os")
                        .build(),
                BodyHandlers.ofString());
    }

    private static HttpResponse<String> complete(String key, String prompt, int maxTokens) throws Exception {
        return server.post(
                "/v1/completions", COMPLETION.formatted(prompt, maxTokens), "authorization", "Bearer " + key);
    }

    private static String header(HttpResponse<String> response, String name) {
        return response.headers().firstValue(name).orElse("(none)");
    }
}
