package dev.kvasir.benchmarks.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.benchmarks.client.JsonClient;
import dev.kvasir.benchmarks.client.ServerOptions;
import dev.kvasir.engine.Server;
import dev.kvasir.engine.Subcommand;
import dev.kvasir.engine.config.SettingsReader;
import dev.kvasir.engine.serving.ServedModel;
import dev.kvasir.runner.ModelConfig.Family;
import dev.kvasir.runner.RunnerOptions;
import dev.kvasir.runner.checkpoint.ModelDirectory;
import dev.kvasir.runner.synthetic.SyntheticModel;
import dev.kvasir.runner.template.JinjaChatTemplate;
import dev.kvasir.runner.tokenizer.HfTokenizer;
import dev.kvasir.runner.torch.TorchModelRunner;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Evaluations of a model of random weights behind a real server. */
@Timeout(120)
class EvaluateCommandTest {
    @TempDir
    private static Path folder;

    private static Server server;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void serve() throws IOException {
        Path directory = SyntheticModel.tiny(Family.LLAMA).seed(3).write(folder.resolve("tiny"));
        ModelDirectory model = ModelDirectory.open(directory);
        RunnerOptions options =
                new RunnerOptions(RunnerOptions.DTypeChoice.FLOAT32, 1, 16 << 20, 16, RunnerOptions.Plan.FUSED);
        server = new Server(new SettingsReader()
                .set(List.of("http.port=0", "http.apiKeys=[key-of-anna]", "data.dir=" + folder.resolve("data")))
                .read());
        server.start(settings -> new ServedModel(
                "tiny",
                List.of(),
                TorchModelRunner.load(
                        model.config(), model.checkpoint(), model.fingerprint(folder.resolve("prints")), options),
                HfTokenizer.load(directory),
                JinjaChatTemplate.load(directory, null, Clock.systemUTC()).orElseThrow()));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private int execute(QuestionSets sets, String... arguments) {
        return new CommandLine(new EvaluateCommand(sets))
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    private int evaluate(QuestionSets sets, Path json, String... arguments) {
        String[] all = new String[arguments.length + 6];
        System.arraycopy(arguments, 0, all, 6, arguments.length);
        List<String> server = List.of("--url", url() + "/v1/", "--api-key", "key-of-anna", "--json", json.toString());
        for (int i = 0; i < server.size(); i++) {
            all[i] = server.get(i);
        }
        return execute(sets, all);
    }

    private static String url() {
        return server.address();
    }

    private static JsonNode read(Path json) throws IOException {
        return new ObjectMapper().readTree(json.toFile());
    }

    @Test
    void countsWhatIsRightAndShowsWhatIsWrong() throws IOException {
        // What this model says of random weights is nonsense, but always the same: asked again, it is what was
        // expected.
        Path first = folder.resolve("first.json");
        QuestionSets sets = QuestionSets.of(TinyTasks.echo(), TinyTasks.passages());
        assertThat(evaluate(sets, first, "--questions", "6", "--show-wrong", "1", "--seed", "5"))
                .as(err.toString())
                .isZero();
        JsonNode set = read(first).path("sets").path(0);
        assertThat(set.path("name").asText()).isEqualTo("echo");
        assertThat(set.path("answers").asInt()).isEqualTo(6);
        assertThat(set.path("right").asInt()).isZero();
        assertThat(set.path("accuracyHigh95").asDouble()).isBetween(0.3, 0.5);
        assertThat(set.path("wrong")).hasSize(6);
        assertThat(set.path("promptTokens").asInt()).isGreaterThan(6 * 5);
        assertThat(set.path("outputTokens").asInt()).isBetween(1, 6 * 64);
        assertThat(out.toString())
                .contains("model tiny; 6 questions of each set, seed 5", "[echo]\nuser: Say ", "got: ");

        Map<String, String> replies = new HashMap<>();
        set.path("wrong")
                .forEach(wrong -> replies.put(
                        wrong.path("prompt").asText(), wrong.path("reply").asText()));
        QuestionSet known = new QuestionSet() {
            private final QuestionSet echo = sets.named(List.of("echo")).get(0);

            @Override
            public String name() {
                return "echo";
            }

            @Override
            public Question next(RandomGenerator random) {
                Question asked = echo.next(random);
                // One of the six stays wrong.
                boolean isFirst = asked.promptText()
                        .equals(set.path("wrong").path(0).path("prompt").asText());
                return isFirst ? asked : new Question(asked.prompt(), replies.get(asked.promptText()));
            }
        };
        Path second = folder.resolve("second.json");
        evaluate(new QuestionSets(List.of(known)), second, "--questions", "6", "--seed", "5", "--concurrency", "1");
        assertThat(read(second).path("sets").path(0).path("right").asInt()).isEqualTo(5);
        assertThat(out.toString()).contains("83.3");
    }

    @Test
    void bothCommandsAskTheSameTokens() throws Exception {
        QuestionSet set = QuestionSets.of(TinyTasks.passages()).named(List.of()).get(0);
        Question question = QuestionSets.draw(set, 1, 1).get(0);
        ObjectNode body = JsonNodeFactory.instance.objectNode().put("model", "tiny");
        ArrayNode messages = body.putArray("messages");
        question.prompt()
                .forEach(turn ->
                        messages.addObject().put("role", turn.role().apiName()).put("content", turn.text()));
        JsonClient client = new JsonClient(ServerOptions.http(), url(), "key-of-anna", Duration.ofSeconds(60));
        List<Integer> served = new ArrayList<>();
        client.ask("/tokenize", body).json().path("tokens").forEach(token -> served.add(token.asInt()));
        try (PassageModel model = new PassageModel(folder.resolve("tiny"))) {
            TokenisedQuestion own = model.tokenise(question);
            assertThat(Arrays.stream(own.tokens()).limit(own.promptTokens()).boxed())
                    .isEqualTo(served);
        }
    }

    @Test
    void countsWhatTheServerRefusesApart() throws IOException {
        Path json = folder.resolve("refused.json");
        QuestionSets sets = QuestionSets.of(TinyTasks.echo());
        assertThat(evaluate(sets, json, "--questions", "3", "--model", "unknown"))
                .isEqualTo(1);
        JsonNode set = read(json).path("sets").path(0);
        assertThat(set.path("errors").asInt()).isEqualTo(3);
        assertThat(set.path("answers").asInt()).isZero();
        assertThat(set.path("accuracy").isNull()).isTrue();
        assertThat(out.toString()).contains("echo, 3 times: HTTP 404: ");
    }

    @Test
    void asksOnlyTheSetsThatAreNamed() {
        QuestionSets sets = QuestionSets.of(TinyTasks.echo(), TinyTasks.passages());
        assertThat(evaluate(sets, folder.resolve("one.json"), "--questions", "1", "--set", "where"))
                .isZero();
        assertThat(out.toString()).contains("where").doesNotContain("echo");
    }

    @Test
    void saysWhatMakesNoSense() throws IOException {
        QuestionSets sets = QuestionSets.of(TinyTasks.echo());
        assertThat(execute(sets, "--questions", "0")).isEqualTo(2);
        assertThat(err.toString()).contains("--questions must be at least 1");
        assertThat(execute(sets, "--set", "echo,poems")).isEqualTo(2);
        assertThat(err.toString()).contains("--set poems is none of echo");
        assertThat(execute(sets, "--concurrency", "0")).isEqualTo(2);
        assertThat(err.toString()).contains("--concurrency must be at least 1");
        assertThat(execute(sets, "--show-wrong", "-1")).isEqualTo(2);
        assertThat(err.toString()).contains("--show-wrong must not be negative");
        assertThat(execute(sets, "--url", "127.0.0.1:8000")).isEqualTo(2);
        assertThat(err.toString()).contains("--url must begin with http://");
        assertThat(execute(sets, "--url", url(), "--api-key", "wrong-key")).isEqualTo(2);
        assertThat(err.toString()).contains("answered 401");
    }

    @Test
    void saysSoWhereNobodyListens() throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        QuestionSets sets = QuestionSets.of(TinyTasks.echo());
        assertThat(execute(sets, "--url", "http://127.0.0.1:" + port, "--model", "m"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("nobody answers");
    }

    @Test
    void isFoundByTheStartScriptsCommandLineAndExplainsItself() {
        assertThat(ServiceLoader.load(Subcommand.class)).hasAtLeastOneElementOfType(EvaluateCommand.class);
        CommandLine command = new CommandLine(new EvaluateCommand()).setOut(new PrintWriter(out));
        assertThat(command.execute("--help")).isZero();
        assertThat(command.execute("passages", "--help")).isZero();
        assertThat(out.toString())
                .contains("--show-wrong", "passages", "--threads")
                .doesNotContain("${");
    }
}
