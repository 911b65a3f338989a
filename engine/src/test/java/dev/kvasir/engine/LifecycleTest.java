package dev.kvasir.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvasir.engine.config.Settings;
import dev.kvasir.engine.config.SettingsException;
import dev.kvasir.engine.config.SettingsReader;
import dev.kvasir.engine.testkit.Sse;
import dev.kvasir.engine.testkit.TestServer;
import dev.kvasir.runner.ModelLoadException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** From start to end. */
class LifecycleTest {
    private static final String PROMPT = "{\"model\":\"parrot\",\"prompt\":\"abcdef\"%s}";

    @Test
    void whileTheModelLoadsItSaysSo() {
        AtomicInteger health = new AtomicInteger();
        AtomicInteger models = new AtomicInteger();
        AtomicInteger pool = new AtomicInteger();
        Settings settings = new SettingsReader()
                .set(List.of("http.port=0", "data.dir=" + TestServer.temporary()))
                .read();
        try (Server server = new Server(settings)) {
            assertThatThrownBy(() -> server.start(s -> {
                        health.set(status(server, "/health"));
                        models.set(status(server, "/v1/models"));
                        pool.set(status(server, "/v1/kvasir/pool"));
                        throw new ModelLoadException("no such model");
                    }))
                    .hasMessage("no such model");
        }
        assertThat(health).hasValue(503);
        assertThat(models).hasValue(503);
        assertThat(pool).hasValue(503);
    }

    @Test
    void drainingLetsRunningRequestsEndAndRefusesNewOnes() throws Exception {
        TestServer server = TestServer.start();
        server.runner.pause();
        CompletableFuture<HttpResponse<String>> running = server.client.sendAsync(
                server.postRequest("/v1/completions", PROMPT.formatted(",\"stream\":true")), BodyHandlers.ofString());
        TestServer.await("a running request", () -> server.scheduler().hasWork());
        CompletableFuture<Void> closed = CompletableFuture.runAsync(server.server::close);
        TestServer.await("draining", () -> status(server.server, "/health") == 503);
        HttpResponse<String> refused = server.post("/v1/completions", PROMPT.formatted(""));
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.headers().firstValue("retry-after")).isPresent();
        assertThat(refused.headers().firstValue("connection")).contains("close");
        server.runner.resume();
        Sse stream = Sse.parse(running.join().body());
        assertThat(stream.text(0)).isEqualTo("abcdef");
        assertThat(stream.done()).isTrue();
        closed.join();
        assertThat(server.runner.isClosed()).isTrue();
    }

    @Test
    void whatStillRunsAfterTheDrainTimeIsCancelledAndTold() throws Exception {
        TestServer server = TestServer.start("http.drainSeconds=0");
        server.runner.pause();
        CompletableFuture<HttpResponse<String>> whole = server.client.sendAsync(
                server.postRequest("/v1/completions", PROMPT.formatted("")), BodyHandlers.ofString());
        // One in the running step and one behind it: both are past the door, which would refuse them once the server
        // stops.
        TestServer.await("the first step", server.runner::isHolding);
        CompletableFuture<HttpResponse<String>> streamed = server.client.sendAsync(
                server.postRequest("/v1/completions", PROMPT.formatted(",\"stream\":true")), BodyHandlers.ofString());
        TestServer.await("the second request", () -> server.scheduler().stats().waiting() == 1);
        CompletableFuture<Void> closed = CompletableFuture.runAsync(server.server::close);
        TestServer.await("the stop", () -> server.server.node().isStopped());
        server.runner.allow(1); // the running step ends; no other begins
        assertThat(whole.join().statusCode()).isEqualTo(503);
        Sse stream = Sse.parse(streamed.join().body());
        assertThat(stream.events().get(stream.events().size() - 1).has("error")).isTrue();
        assertThat(stream.done()).isFalse();
        assertThat(stream.reasons()).isEmpty();
        closed.join();
    }

    @Test
    void anAddressThatIsTakenIsNamed() {
        try (TestServer first = TestServer.start()) {
            Settings settings = new SettingsReader()
                    .set(List.of("http.port=" + first.server.port(), "data.dir=" + TestServer.temporary()))
                    .read();
            try (Server second = new Server(settings)) {
                assertThatThrownBy(() -> second.start(s -> {
                            throw new AssertionError("nothing to load");
                        }))
                        .isInstanceOf(SettingsException.class)
                        .hasMessageContaining("can't listen on 127.0.0.1:" + first.server.port());
            }
        }
    }

    @Test
    void theSecretOfTheCachesSurvivesARestart() throws Exception {
        Path data = TestServer.temporary();
        try (TestServer server = TestServer.start("data.dir=" + data)) {
            server.ok("/v1/completions", PROMPT.formatted(""));
        }
        byte[] secret = Files.readAllBytes(data.resolve("node-secret"));
        try (TestServer server = TestServer.start("data.dir=" + data)) {
            server.ok("/v1/completions", PROMPT.formatted(""));
        }
        assertThat(Files.readAllBytes(data.resolve("node-secret"))).isEqualTo(secret);
    }

    @Test
    void whatCantBeStartedIsOneSentenceAndExitCodeTwo() {
        assertThat(run("serve", "--set", "data.dir=" + TestServer.temporary()))
                .isEqualTo("2 kvasir: no model was named: give --model DIR, or set model.path\n");
        assertThat(run("serve", "--set", "http.prot=1"))
                .isEqualTo("2 kvasir: unknown setting http.prot; did you mean http.port?\n");
        assertThat(run("serve", "--host", "0.0.0.0")).startsWith("2 kvasir: http.host 0.0.0.0 can be reached");
        assertThat(run("serve", "--cluster", "--bind", "0.0.0.0"))
                .startsWith("2 kvasir: cluster.bind 0.0.0.0 can be reached from other machines, which needs a secret");
        assertThat(run("serve", "--cluster", "--role", "prefill"))
                .startsWith("2 kvasir: cluster.role prefill isn't there yet");
        assertThat(run("serve", "--cluster", "--join", "somewhere"))
                .isEqualTo("2 kvasir: cluster.join must be places written host:port, not 'somewhere'\n");
        assertThat(run("serve", "--conf", "/no/such/file")).startsWith("2 kvasir: can't read /no/such/file");
        assertThat(run("serve", "--modle", "x"))
                .startsWith("2 kvasir: Unknown option")
                .endsWith("(see --help)\n");
        assertThat(run()).startsWith("2 kvasir: Say what to do");
    }

    @Test
    void helpAndVersionAreThere() {
        StringWriter out = new StringWriter();
        CommandLine commandLine = Main.commandLine().setOut(new PrintWriter(out));
        assertThat(commandLine.execute("--help")).isZero();
        assertThat(commandLine.execute("--version")).isZero();
        assertThat(commandLine.execute("serve", "--help")).isZero();
        assertThat(out.toString())
                .contains(
                        "serve",
                        "kvasir (from classes)",
                        "--model=DIR",
                        "--cluster",
                        "--join=",
                        "--role=",
                        "--bind=",
                        "--set=key=value");
    }

    private static String run(String... args) {
        StringWriter err = new StringWriter();
        int code = Main.commandLine().setErr(new PrintWriter(err)).execute(args);
        return code + " " + err;
    }

    private static int status(Server server, String path) {
        try {
            return HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create(server.address() + path))
                                    .build(),
                            BodyHandlers.discarding())
                    .statusCode();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
