package dev.kvasir.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.engine.testkit.TestServer;
import dev.kvasir.runner.ModelConfig.Family;
import dev.kvasir.runner.synthetic.SyntheticModel;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which model {@code serve} takes, and what it says about it. */
@Timeout(120)
class ModelInTheBoxTest {
    private static final String HOME = "kvasir.home";
    private static final int CONTEXT = 320;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final HttpClient client = HttpClient.newHttpClient();
    private final String homeBefore = System.getProperty(HOME);

    @TempDir
    private Path home;

    @BeforeEach
    void setHome() {
        System.setProperty(HOME, home.toString());
    }

    @AfterEach
    void restoreHome() {
        if (homeBefore == null) {
            System.clearProperty(HOME);
        } else {
            System.setProperty(HOME, homeBefore);
        }
    }

    @Test
    void isServedUnderItsNameWhereNoModelIsNamed() throws Exception {
        write("models/kvasir-mini");
        assertThat(modelsOf()).contains("\"id\":\"kvasir-mini\"", "\"max_model_len\":" + CONTEXT);
        assertThat(out.toString())
                .startsWith("serving kvasir-mini")
                .contains(
                        "a demonstration of about 3.8 million parameters, trained on synthetic text",
                        "bin/kvasir serve --model DIR");
    }

    @Test
    void canBeGivenAnotherName() throws Exception {
        write("models/kvasir-mini");
        assertThat(modelsOf("--set", "model.name=small")).contains("\"id\":\"small\"");
        assertThat(out.toString()).startsWith("serving kvasir-mini");
    }

    @Test
    void givesWayToAModelThatIsNamedAndThenIsNotMentioned() throws Exception {
        write("models/kvasir-mini");
        Path other = write("other");
        assertThat(modelsOf("--model", other.toString()))
                .contains("\"id\":\"other\"")
                .doesNotContain("kvasir-mini");
        assertThat(out.toString()).startsWith("listening on http://127.0.0.1:");
    }

    @Test
    void isNoExcuseForANameThatLeadsNowhere() throws Exception {
        write("models/kvasir-mini");
        assertThat(serve("--model", home.resolve("none").toString())).isEqualTo(2);
        assertThat(err.toString()).contains("none is not a directory");
    }

    @Test
    void thatIsMissingIsAskedForInOneSentence() {
        assertThat(serve()).isEqualTo(2);
        assertThat(err).hasToString("kvasir: no model was named: give --model DIR, or set model.path\n");
    }

    private Path write(String directory) throws Exception {
        return SyntheticModel.tiny(Family.LLAMA).context(CONTEXT).write(home.resolve(directory));
    }

    private int serve(String... options) {
        List<String> arguments = new ArrayList<>(List.of("serve", "--port", "0", "--set", "pool.deviceBytes=16MiB"));
        arguments.addAll(List.of(options));
        return Main.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments.toArray(String[]::new));
    }

    // Serves, asks for the list of models, and ends the server as an administrator would.
    private String modelsOf(String... options) throws Exception {
        CompletableFuture<Integer> exit = CompletableFuture.supplyAsync(() -> serve(options));
        TestServer.await("the server", () -> out.toString().contains("listening on") || exit.isDone());
        assertThat(exit).as(err.toString()).isNotDone();
        String address = out.toString().replaceAll("(?s).*listening on (\\S+).*", "$1");
        String models = client.send(
                        HttpRequest.newBuilder(URI.create(address + "/v1/models"))
                                .build(),
                        BodyHandlers.ofString())
                .body();
        client.send(
                HttpRequest.newBuilder(URI.create(address + "/admin/drain"))
                        .POST(BodyPublishers.noBody())
                        .build(),
                BodyHandlers.discarding());
        assertThat(exit.join()).isZero();
        return models;
    }
}
