package dev.kvasir.benchmarks.serving;

import static dev.kvasir.benchmarks.serving.ScriptedServer.chat;
import static dev.kvasir.benchmarks.serving.ScriptedServer.completion;
import static dev.kvasir.benchmarks.serving.ScriptedServer.end;
import static dev.kvasir.benchmarks.serving.ScriptedServer.event;
import static dev.kvasir.benchmarks.serving.ScriptedServer.stream;
import static dev.kvasir.benchmarks.serving.ScriptedServer.text;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StreamClientTest {
    private static final long MS = 1_000_000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final ScriptedClock clock = new ScriptedClock();
    private ScriptedServer server;

    @BeforeEach
    void start() throws IOException {
        server = new ScriptedServer();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Call send(Endpoint endpoint, long dueNanos) {
        return client(server.url(), endpoint).send(3, dueNanos, "{\"a\":1}".getBytes(StandardCharsets.UTF_8));
    }

    private StreamClient client(String url, Endpoint endpoint) {
        HttpClient http =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        return new StreamClient(http, url, endpoint, "s3cret", PATIENCE, clock::nanoTime);
    }

    private RequestResult completions() {
        return send(Endpoint.COMPLETIONS, clock.nanoTime()).answer().join();
    }

    @Test
    void takesEveryTimeFromTheArrivalOfAChunkAndCountsFromWhenTheRequestWasDue() {
        server.route(
                "/v1/completions",
                stream(clock)
                        .after(200, completion("a"))
                        .after(30, completion("b"))
                        .after(50, completion("c"))
                        .after(5, end(7, 3, 4)));
        clock.set(110 * MS);
        RequestResult result = send(Endpoint.COMPLETIONS, 100 * MS).answer().join();

        assertThat(result.failure()).isNull();
        assertThat(result.lateNanos()).isEqualTo(10 * MS);
        assertThat(result.ttftNanos()).isEqualTo(210 * MS);
        assertThat(result.chunks().at(1) - result.chunks().at(0)).isEqualTo(30 * MS);
        assertThat(result.chunks().at(2) - result.chunks().at(1)).isEqualTo(50 * MS);
        assertThat(result.e2eNanos()).isEqualTo(295 * MS);
        assertThat(result.tpotNanos()).isEqualTo((295 - 210) * MS / 2);
        assertThat(result.usage()).isEqualTo(new TokenUsage(7, 3, 4));
        assertThat(result.usageReported()).isTrue();
        assertThat(result.index()).isEqualTo(3);
    }

    @Test
    void sendsTheBodyAndTheKeyAsTheyAre() {
        server.route("/v1/completions", stream(clock).after(1, completion("a") + end(1, 1, 0)));
        assertThat(completions().isSuccess()).isTrue();
        assertThat(server.bodies).extracting(Object::toString).containsExactly("{\"a\":1}");
        assertThat(server.authorizations).containsExactly("Bearer s3cret");
    }

    @Test
    void doesNotTakeTheRoleOrAnEmptyDeltaOfAChatForTheFirstToken() {
        server.route(
                "/v1/chat/completions",
                stream(clock)
                        .after(10, chat("{'role':'assistant','content':''}"))
                        .after(10, chat("{'content':null}"))
                        .after(10, chat("{'reasoning_content':'hm'}"))
                        .after(10, chat("{'content':'Hi'}"))
                        .after(10, end(5, 2, 0)));
        RequestResult result = send(Endpoint.CHAT, 0).answer().join();
        assertThat(result.ttftNanos()).isEqualTo(30 * MS);
        assertThat(result.chunks().count()).isEqualTo(2);
    }

    @Test
    void doesNotTakeAKeepAliveCommentOrHalfAnEventForAToken() {
        String token = completion("a");
        server.route(
                "/v1/completions",
                stream(clock)
                        .unseen(": keep-alive\n\n")
                        .unseen(token.substring(0, 20))
                        .after(70, token.substring(20))
                        .after(1, end(1, 1, 0)));
        RequestResult result = completions();
        assertThat(result.chunks().count()).isEqualTo(1);
        assertThat(result.ttftNanos()).isEqualTo(70 * MS);
    }

    @Test
    void countsChunksAsTokensWhereTheServerReportsNoUsage() {
        server.route(
                "/v1/completions",
                stream(clock).after(1, completion("a") + completion("b")).after(1, "data: [DONE]\n\n"));
        RequestResult result = completions();
        assertThat(result.isSuccess()).isTrue();
        assertThat(result.usageReported()).isFalse();
        assertThat(result.usage()).isEqualTo(new TokenUsage(0, 2, TokenUsage.UNKNOWN));
    }

    @Test
    void anAnswerThatEndsAtOnceSucceedsWithoutAFirstToken() {
        server.route("/v1/completions", stream(clock).after(5, end(4, 0, 0)));
        RequestResult result = completions();
        assertThat(result.isSuccess()).isTrue();
        assertThat(result.hasText()).isFalse();
        assertThat(result.hasTpot()).isFalse();
        assertThat(result.e2eNanos()).isEqualTo(5 * MS);
    }

    @Test
    void groupsRefusalsByTheirStatusAndKeepsWhatTheServerSaid() {
        server.route("/v1/completions", text(429, "application/json", "{\"error\":{\"message\":\"queue full\"}}"));
        RequestResult result = completions();
        assertThat(result.failure()).isEqualTo("HTTP 429");
        assertThat(result.detail()).contains("queue full");
    }

    @Test
    void keepsLittleOfALongRefusal() {
        server.route("/v1/completions", text(500, "text/plain", "x".repeat(1 << 20)));
        RequestResult result = completions();
        assertThat(result.failure()).isEqualTo("HTTP 500");
        assertThat(result.detail()).hasSizeLessThan(1000);
    }

    @Test
    void anErrorEventIsAFailureThoughTheStatusWas200() {
        server.route(
                "/v1/completions",
                stream(clock).after(1, completion("a")).after(1, event("{'error':{'message':'step failed'}}")));
        RequestResult result = completions();
        assertThat(result.failure()).isEqualTo("error event");
        assertThat(result.detail()).isEqualTo("step failed");
    }

    @Test
    void aStreamThatEndsWithoutAFinishReasonIsAFailure() {
        server.route("/v1/completions", stream(clock).after(1, completion("a")));
        assertThat(completions().failure()).isEqualTo("truncated");
    }

    @Test
    void anEventThatIsNotJsonIsAFailure() {
        server.route("/v1/completions", stream(clock).after(1, "data: {oops\n\n"));
        assertThat(completions().failure()).isEqualTo("not JSON");
    }

    @Test
    void aWholeAnswerInsteadOfAStreamIsAFailure() {
        server.route("/v1/completions", ScriptedServer.json("{\"choices\":[]}"));
        assertThat(completions().failure()).isEqualTo("not a stream");
    }

    @Test
    void anEventWithoutEndIsAFailure() {
        server.route("/v1/completions", exchange -> stream(clock)
                .unseen("data: " + "x".repeat(SseParser.MAX_EVENT_BYTES))
                .answer(exchange));
        assertThat(completions().failure()).isEqualTo("event too long");
    }

    @Test
    void aServerThatIsNotThereIsAFailure() {
        String gone = server.url();
        server.close();
        RequestResult result = client(gone, Endpoint.COMPLETIONS)
                .send(0, 0, new byte[0])
                .answer()
                .join();
        assertThat(result.failure()).isEqualTo("no connection");
    }

    @Test
    void givingUpEndsTheAnswerWithWhatHadCome() throws InterruptedException {
        CountDownLatch released = new CountDownLatch(1);
        server.route("/v1/completions", exchange -> {
            stream(clock).after(5, completion("a")).answer(exchange);
            released.await();
        });
        Call call = send(Endpoint.COMPLETIONS, 0);
        clock.awaitReads(2); // sent, and the first chunk
        call.cancel().run();
        RequestResult result = call.answer().join();
        released.countDown();
        assertThat(result.failure()).isEqualTo(RequestResult.CANCELLED);
        assertThat(result.chunks().count()).isLessThanOrEqualTo(1);
    }
}
