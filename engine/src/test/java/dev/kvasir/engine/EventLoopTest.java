package dev.kvasir.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.engine.testkit.TestServer;
import io.vertx.core.Context;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/** What would keep an event loop busy happens elsewhere. */
class EventLoopTest {
    @Test
    void longTextsAreTokenizedOnAWorker() throws Exception {
        try (TestServer server = TestServer.start(1 << 18, TestServer::render, "http.maxBodyBytes=8MiB")) {
            Queue<Boolean> onEventLoop = new ConcurrentLinkedQueue<>();
            server.tokenizer.onEncode(() -> onEventLoop.add(Context.isOnEventLoopThread()));
            String text = "long ".repeat(40_000);
            server.ok("/tokenize", "{\"prompt\":\"" + text + "\"}");
            server.ok("/tokenize", "{\"messages\":[{\"role\":\"user\",\"content\":\"" + text + "\"}]}");
            server.ok(
                    "/v1/completions",
                    "{\"model\":\"parrot\",\"prompt\":\"" + "x".repeat(20_000) + "\",\"max_tokens\":1}");
            assertThat(onEventLoop).containsExactly(false, false, false);
            server.ok("/tokenize", "{\"prompt\":\"short\"}");
            assertThat(onEventLoop).hasSize(4);
        }
    }

    @Test
    void bodiesGiveTheirBytesBack() throws Exception {
        try (TestServer server = TestServer.start("http.maxBodyBytes=64KiB")) {
            for (int i = 0; i < 40; i++) { // more than may be read at once
                server.ok(
                        "/tokenize",
                        "{\"prompt\":\"" + "x".repeat(1000) + "\",\"pad\":\"" + "y".repeat(60_000) + "\"}");
                assertThat(server.post("/tokenize", "z".repeat(50_000)).statusCode())
                        .isEqualTo(400);
            }
        }
    }
}
