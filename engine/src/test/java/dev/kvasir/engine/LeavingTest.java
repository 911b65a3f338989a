package dev.kvasir.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.engine.testkit.TestServer;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Clients that leave, don't read, or are too many. */
class LeavingTest {
    private static final String ENDLESS =
            "\"prompt\":\"abc\",\"ignore_eos\":true,\"max_tokens\":400,\"model\":\"parrot\"";

    @Test
    void aClientThatLeavesItsStreamIsCancelled() throws Exception {
        try (TestServer server = TestServer.start()) {
            server.runner.pause();
            server.runner.allow(5);
            try (Socket socket = request(server, "{" + ENDLESS + ",\"stream\":true}", 0)) {
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
                String line = in.readLine();
                while (line != null && !line.startsWith("data: ")) {
                    line = in.readLine();
                }
                assertThat(line).startsWith("data: ");
            }
            theRequestEnds(server);
        }
    }

    @Test
    void aClientThatLeavesWithoutItsWholeAnswerIsCancelled() throws Exception {
        try (TestServer server = TestServer.start()) {
            server.runner.pause();
            server.runner.allow(5);
            try (Socket socket = request(server, "{" + ENDLESS + "}", 0)) {
                TestServer.await(
                        "the first tokens", () -> server.scheduler().stats().generatedTokens() > 1);
                assertThat(socket.isConnected()).isTrue();
            }
            theRequestEnds(server);
        }
    }

    /** One step is running and held; it may end, and then nothing of 400 tokens is computed any more. */
    private static void theRequestEnds(TestServer server) {
        TestServer.await("the exchange's end", () -> server.server.door().exchanges() == 0);
        server.runner.allow(1);
        server.awaitIdle();
        assertThat(server.scheduler().hasWork()).isFalse();
        assertThat(server.scheduler().stats().generatedTokens()).isLessThan(20);
        assertThat(metric(server, "kvasir_request_success_total{finished_reason=\"abort\",model_name=\"parrot\"}"))
                .isEqualTo("1.0");
    }

    @Test
    void aReaderThatTakesNothingIsCutOffOnceTooManyTokensWait() throws Exception {
        try (TestServer server =
                TestServer.start(32_768, null, "http.sendBufferBytes=4KiB", "http.maxPendingTokens=50")) {
            // So many that the event loop has its turn before the parrot is through, however busy the machine is.
            String body = "{\"model\":\"parrot\",\"prompt\":\"abc\",\"ignore_eos\":true,\"max_tokens\":30000,"
                    + "\"logprobs\":20,\"stream\":true}";
            try (Socket socket = request(server, body, 4096)) {
                TestServer.await(
                        "the first tokens", () -> server.scheduler().stats().generatedTokens() > 0);
                TestServer.await(
                        "the exchange's end", () -> server.server.door().exchanges() == 0);
                assertThat(socket.isConnected()).isTrue();
                server.awaitIdle();
                assertThat(server.scheduler().stats().generatedTokens()).isLessThan(30_000);
            }
        }
    }

    @Test
    void aReaderThatTakesNothingIsCutOffAfterTheStallTime() throws Exception {
        try (TestServer server = TestServer.start(4096, null, "http.sendBufferBytes=4KiB", "http.stallSeconds=1")) {
            String body = "{\"model\":\"parrot\",\"prompt\":\"abc\",\"ignore_eos\":true,\"max_tokens\":4000,"
                    + "\"logprobs\":20,\"stream\":true}";
            try (Socket socket = request(server, body, 4096)) {
                TestServer.await(
                        "the first tokens", () -> server.scheduler().stats().generatedTokens() > 0);
                TestServer.await(
                        "the exchange's end", () -> server.server.door().exchanges() == 0);
                TestServer.await(
                        "the connection's end", () -> server.server.door().connections() == 0);
                assertThat(socket.isConnected()).isTrue();
                server.awaitIdle();
            }
        }
    }

    @Test
    void aSlowReaderThatGoesOnGetsEverything() throws Exception {
        try (TestServer server = TestServer.start(4096, null, "http.sendBufferBytes=4KiB")) {
            String body = "{\"model\":\"parrot\",\"prompt\":\"abc\",\"ignore_eos\":true,\"max_tokens\":1000,"
                    + "\"logprobs\":20,\"stream\":true}";
            try (Socket socket = request(server, body, 4096)) {
                // All is generated before anything is read: most of it waits for us.
                TestServer.await("all tokens", () -> server.scheduler().stats().generatedTokens() == 1000);
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
                int events = 0;
                String line = in.readLine();
                while (!"data: [DONE]".equals(line)) {
                    events += line.startsWith("data: ") ? 1 : 0;
                    line = in.readLine();
                }
                assertThat(events).isEqualTo(1001); // 1000 tokens and the end
            }
        }
    }

    @Test
    void aRequestTooManyIsToldToComeBack() throws Exception {
        try (TestServer server = TestServer.start("scheduler.maxSequences=1", "scheduler.maxQueued=1")) {
            server.runner.pause();
            List<CompletableFuture<HttpResponse<String>>> all = Stream.generate(() -> server.client.sendAsync(
                            server.postRequest("/v1/completions", "{\"model\":\"parrot\",\"prompt\":\"abc\"}"),
                            BodyHandlers.ofString()))
                    .limit(8)
                    .toList();
            // One runs, one waits at most; who is refused is answered while the others are held.
            TestServer.await(
                    "the refusals",
                    () -> all.stream().filter(CompletableFuture::isDone).count() >= 6);
            HttpResponse<String> refused = all.stream()
                    .filter(CompletableFuture::isDone)
                    .findFirst()
                    .orElseThrow()
                    .join();
            assertThat(refused.statusCode()).isEqualTo(429);
            assertThat(refused.headers().firstValue("retry-after")).contains("1");
            assertThat(TestServer.json(refused.body())
                            .path("error")
                            .path("code")
                            .asText())
                    .isEqualTo("queue_full");
            server.runner.resume();
            assertThat(all.stream().map(f -> f.join().statusCode()))
                    .contains(200)
                    .containsOnly(200, 429);
            server.awaitIdle();
        }
    }

    @Test
    void aBodyThatGrowsTooLongIsRefusedWhileItComes() throws Exception {
        try (TestServer server = TestServer.start("http.maxBodyBytes=1KiB");
                Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.server.port()));
            OutputStream out = socket.getOutputStream();
            out.write(head("transfer-encoding: chunked"));
            for (int i = 0; i < 3; i++) {
                out.write(("200\r\n" + "x".repeat(512) + "\r\n").getBytes(StandardCharsets.US_ASCII));
                out.flush();
            }
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            assertThat(in.readLine()).isEqualTo("HTTP/1.1 413 Request Entity Too Large");
        }
    }

    @Test
    void aRefusedBodyIsNotAskedFor() throws Exception {
        try (TestServer server = TestServer.start("http.maxBodyBytes=1KiB");
                Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.server.port()));
            socket.getOutputStream().write(head("content-length: 999999999999", "expect: 100-continue"));
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            assertThat(in.readLine()).isEqualTo("HTTP/1.1 413 Request Entity Too Large");
        }
    }

    @Test
    void aConnectionThatNeverSendsItsRequestIsClosed() throws Exception {
        try (TestServer server = TestServer.start("http.idleSeconds=1");
                Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.server.port()));
            socket.getOutputStream().write("GET /health HTT".getBytes(StandardCharsets.US_ASCII));
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    static String metric(TestServer server, String name) {
        try {
            return server.get("/metrics")
                    .body()
                    .lines()
                    .filter(line -> line.startsWith(name))
                    .map(line -> line.substring(line.lastIndexOf(' ') + 1))
                    .findFirst()
                    .orElse("absent");
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static Socket request(TestServer server, String body, int receiveBuffer) throws Exception {
        Socket socket = new Socket();
        if (receiveBuffer > 0) {
            socket.setReceiveBufferSize(receiveBuffer);
        }
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.server.port()));
        socket.getOutputStream().write(head("content-length: " + body.length()));
        socket.getOutputStream().write(body.getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private static byte[] head(String... headers) {
        List<String> lines = new ArrayList<>(
                List.of("POST /v1/completions HTTP/1.1", "host: localhost", "content-type: application/json"));
        lines.addAll(List.of(headers));
        return (String.join("\r\n", lines) + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
    }
}
