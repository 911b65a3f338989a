package dev.kvasir.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.engine.testkit.TestServer;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who may use what, and who shares whose cache. */
class AccessTest {
    private static final String PROMPT =
            "{\"model\":\"parrot\",\"prompt\":\"" + "p".repeat(100) + "\",\"max_tokens\":1%s}";
    private static final String ALICE = "alice-key-1";
    private static final String BOB = "bob-key-12";
    private static final String ROOT = "root-key-1";

    @Test
    void withKeysEverythingButHealthAndThePageNeedsOne() throws Exception {
        try (TestServer server = keyed()) {
            for (String path : List.of(
                    "/v1/models", "/v1/models/parrot", "/metrics", "/v1/nothing", "/admin/drain", "/v1/kvasir/pool")) {
                HttpResponse<String> refused = server.get(path);
                assertThat(refused.statusCode()).as(path).isEqualTo(401);
                assertThat(refused.headers().firstValue("www-authenticate")).contains("Bearer");
                assertThat(TestServer.json(refused.body())
                                .path("error")
                                .path("code")
                                .asText())
                        .isEqualTo("invalid_api_key");
                assertThat(server.get(path, "authorization", "Bearer wrong-key").statusCode())
                        .isEqualTo(401);
                assertThat(server.get(path, "authorization", "Basic " + ALICE).statusCode())
                        .isEqualTo(401);
            }
            assertThat(server.post("/v1/completions", PROMPT.formatted("")).statusCode())
                    .isEqualTo(401);
            assertThat(server.get("/health").statusCode()).isEqualTo(200);
            assertThat(server.get("/").statusCode()).isEqualTo(200);
            assertThat(server.get("/v1/models", "authorization", "bearer  " + ALICE)
                            .statusCode())
                    .isEqualTo(200);
            assertThat(server.get("/metrics", "authorization", "Bearer " + ROOT).statusCode())
                    .isEqualTo(200);
            assertThat(server.get("/v1/models", "authorization", "Bearer " + ALICE.toUpperCase(java.util.Locale.ROOT))
                            .statusCode())
                    .isEqualTo(401);
        }
    }

    @Test
    void tenantsShareOnlyWithThemselvesAndEqualSalts() throws Exception {
        try (TestServer server = keyed()) {
            assertThat(cached(server, ALICE, "")).isZero();
            assertThat(cached(server, ALICE, "")).isEqualTo(96);
            assertThat(cached(server, "alice-key-2", "")).isEqualTo(96); // another key of the same name
            assertThat(cached(server, BOB, "")).isZero();
            assertThat(cached(server, "nameless-key", "")).isZero();
            assertThat(cached(server, ROOT, "")).isZero();
            assertThat(cached(server, ALICE, ",\"cache_salt\":\"x\"")).isZero();
            assertThat(cached(server, ALICE, ",\"cache_salt\":\"x\"")).isEqualTo(96);
            assertThat(cached(server, ALICE, ",\"cache_salt\":\"y\"")).isZero();
            assertThat(cached(server, BOB, ",\"cache_salt\":\"x\"")).isZero();
        }
    }

    @Test
    void adminRoutesNeedAnAdminKey() throws Exception {
        try (TestServer server = keyed()) {
            assertThat(server.post("/admin/drain", "{}", "authorization", "Bearer " + ALICE)
                            .statusCode())
                    .isEqualTo(403);
            assertThat(server.post("/admin/drain", "{}", "authorization", "Bearer " + ROOT)
                            .statusCode())
                    .isEqualTo(202);
        }
        try (TestServer server = TestServer.start("http.apiKeys=[" + ALICE + "]", "http.host=0.0.0.0")) {
            // Off loopback with no admin key nobody is an administrator.
            assertThat(server.post("/admin/drain", "{}", "authorization", "Bearer " + ALICE)
                            .statusCode())
                    .isEqualTo(403);
        }
        try (TestServer server = TestServer.start()) {
            assertThat(server.post("/admin/drain", "{}").statusCode()).isEqualTo(202);
        }
    }

    @Test
    void withoutKeysAnyKeyIsFine() throws Exception {
        try (TestServer server = TestServer.start()) {
            assertThat(server.get("/v1/models", "authorization", "Bearer whatever")
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void withoutKeysNoPageFromElsewhereGetsIn() throws Exception {
        try (TestServer server = TestServer.start()) {
            assertThat(server.get("/v1/models", "origin", "http://evil.example").statusCode())
                    .isEqualTo(403);
            assertThat(server.get("/v1/models", "origin", "null").statusCode()).isEqualTo(403);
            assertThat(server.get("/v1/models", "origin", "http://localhost:3000")
                            .statusCode())
                    .isEqualTo(200);
            assertThat(statusFor(server, "evil.example")).isEqualTo("HTTP/1.1 403 Forbidden");
            assertThat(statusFor(server, "localhost.evil.example:8000")).isEqualTo("HTTP/1.1 403 Forbidden");
            assertThat(statusFor(server, "localhost:" + server.server.port())).isEqualTo("HTTP/1.1 200 OK");
            assertThat(statusFor(server, "[::1]:8000")).isEqualTo("HTTP/1.1 200 OK");
        }
    }

    private static TestServer keyed() {
        return TestServer.start(
                "http.apiKeys=[alice:" + ALICE + ", alice:alice-key-2, bob:" + BOB + ", nameless-key]",
                "http.adminKeys=[root:" + ROOT + "]");
    }

    private static int cached(TestServer server, String key, String fields) throws Exception {
        int cached = server.ok("/v1/completions", PROMPT.formatted(fields), "authorization", "Bearer " + key)
                .path("usage")
                .path("prompt_tokens_details")
                .path("cached_tokens")
                .asInt(-1);
        server.awaitIdle();
        return cached;
    }

    private static String statusFor(TestServer server, String host) throws Exception {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.server.port()));
            socket.getOutputStream()
                    .write(("GET /v1/models HTTP/1.1\r\nhost: " + host + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))
                    .readLine();
        }
    }
}
