package dev.kvasir.benchmarks.serving;

import static dev.kvasir.benchmarks.serving.ScriptedServer.completion;
import static dev.kvasir.benchmarks.serving.ScriptedServer.end;
import static dev.kvasir.benchmarks.serving.ScriptedServer.json;
import static dev.kvasir.benchmarks.serving.ScriptedServer.stream;
import static dev.kvasir.benchmarks.serving.ScriptedServer.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kvasir.benchmarks.client.ServerOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ServingBenchmarkTest {
    private final ScriptedClock clock = new ScriptedClock();
    private final StringWriter out = new StringWriter();
    private ScriptedServer server;

    @TempDir
    private Path folder;

    @BeforeEach
    void start() throws IOException {
        server = new ScriptedServer()
                .route("/v1/models", json("{\"data\":[{\"id\":\"m-1\"},{\"id\":\"m-2\"}]}"))
                .route(
                        "/v1/completions",
                        stream(clock)
                                .after(100, completion("a"))
                                .after(20, completion("b"))
                                .after(0, end(8, 2, 4)));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private int run(Consumer<LoadOptions> settings) throws IOException, InterruptedException {
        LoadOptions options = new LoadOptions();
        options.server = ServerOptions.at(server.url());
        options.inputTokens = 8;
        options.outputTokens = 2;
        options.timeoutSeconds = 60;
        options.prefixGroups = 1;
        settings.accept(options);
        return new ServingBenchmark(options, LoadPlan.of(options, 1), clock, new PrintWriter(out)).run();
    }

    @Test
    void measuresAndWritesBothReports() throws IOException, InterruptedException {
        Path file = folder.resolve("new/run.json");
        int exit = run(options -> {
            options.tokenIds = true;
            options.vocab = 100;
            options.requests = 3;
            options.warmup = 2;
            options.goodput = "ttft:100,tpot:20";
            options.json = file;
        });
        assertThat(exit).isZero();
        assertThat(server.bodies).hasSize(5);
        JsonNode sent = server.bodies.get(4);
        assertThat(sent.path("model").asText()).isEqualTo("m-1");
        assertThat(sent.path("prompt")).hasSize(8);
        assertThat(sent.path("max_tokens").asInt()).isEqualTo(2);
        assertThat(sent.path("ignore_eos").asBoolean()).isTrue();
        assertThat(sent.path("stream_options").path("include_usage").asBoolean())
                .isTrue();

        JsonNode json = new ObjectMapper().readTree(file.toFile());
        JsonNode result = json.path("result");
        assertThat(json.path("config").path("warmup").asInt()).isEqualTo(2);
        assertThat(result.path("completed").asInt()).isEqualTo(3);
        assertThat(result.path("durationSeconds").asDouble()).isEqualTo(0.36);
        assertThat(result.path("outputTokensPerSecond").asDouble()).isEqualTo(6 / 0.36);
        assertThat(result.path("ttftMs").path("p99").asDouble()).isEqualTo(100);
        assertThat(result.path("tpotMs").path("mean").asDouble()).isEqualTo(20);
        assertThat(result.path("itlMs").path("count").asInt()).isEqualTo(3);
        assertThat(result.path("e2eMs").path("max").asDouble()).isEqualTo(120);
        assertThat(result.path("cachedTokens").asInt()).isEqualTo(12);
        assertThat(result.path("good").asInt()).isEqualTo(3);
        assertThat(json.path("requests")).hasSize(3);
        assertThat(json.path("requests").get(2).path("dueMs").asDouble()).isEqualTo(240);
        assertThat(out.toString())
                .contains(
                        "warm-up: 2 of 2", "closed loop of 1", "TTFT", "goodput counts requests with ttft <= 100.0 ms");
    }

    @Test
    void takesTheLengthOfWordsFromTheServersTokenizer() throws IOException, InterruptedException {
        server.route("/tokenize", exchange -> {
            int words = server.bodies
                    .get(server.bodies.size() - 1)
                    .path("prompt")
                    .asText()
                    .split(" ")
                    .length;
            json("{\"tokens\":[" + "5,".repeat(2 * words - 1) + "5]}").answer(exchange);
        });
        run(options -> {
            options.requests = 1;
            options.inputTokens = 20;
        });
        JsonNode sent = server.bodies.get(server.bodies.size() - 1);
        assertThat(sent.path("prompt").asText().split(" ")).hasSize(10);
    }

    @Test
    void takesTokenIdsFromTheServersTokenizer() throws IOException, InterruptedException {
        server.route("/tokenize", json("{\"count\":4,\"tokens\":[41,42,43,41]}"));
        run(options -> {
            options.requests = 1;
            options.tokenIds = true;
            options.inputTokens = 50;
        });
        JsonNode prompt = server.bodies.get(server.bodies.size() - 1).path("prompt");
        assertThat(prompt).hasSize(50).allMatch(id -> id.asInt() >= 41 && id.asInt() <= 43);
    }

    @Test
    void takesTheLengthOfWordsFromAnAnswersUsageWhereThereIsNoTokenizer() throws IOException, InterruptedException {
        ScriptedServer.Route streamed = stream(clock).after(1, completion("a")).after(0, end(8, 1, 0));
        server.route("/v1/completions", exchange -> {
            boolean isProbe =
                    !server.bodies.get(server.bodies.size() - 1).path("stream").asBoolean();
            (isProbe ? json("{\"usage\":{\"prompt_tokens\":1600}}") : streamed).answer(exchange);
        });
        run(options -> {
            options.requests = 1;
            options.inputTokens = 40;
        });
        JsonNode sent = server.bodies.get(server.bodies.size() - 1);
        assertThat(sent.path("prompt").asText().split(" ")).hasSize(10);
    }

    @Test
    void reportsWhatFailedAndSaysSoByItsExitCode() throws IOException, InterruptedException {
        server.route("/v1/completions", text(429, "application/json", "{\"error\":{\"message\":\"queue full\"}}"));
        int exit = run(options -> {
            options.requests = 2;
            options.tokenIds = true;
            options.vocab = 100;
        });
        assertThat(exit).isEqualTo(1);
        assertThat(out.toString()).contains("HTTP 429: 2 requests", "queue full");
    }

    @Test
    void endsWithASentenceWhereTheServerNamesNoModel() {
        server.route("/v1/models", text(401, "application/json", "{}"));
        assertThatThrownBy(() -> run(options -> options.requests = 1))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("answered 401")
                .hasMessageContaining("--model");
    }

    @Test
    void endsWithASentenceWhereNobodyKnowsHowLongAPromptIs() {
        server.route("/v1/completions", text(400, "application/json", "{}"));
        assertThatThrownBy(() -> run(options -> options.requests = 1))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("how many tokens");
        assertThatThrownBy(() -> run(options -> options.tokenIds = true)).hasMessageContaining("--vocab");
    }
}
