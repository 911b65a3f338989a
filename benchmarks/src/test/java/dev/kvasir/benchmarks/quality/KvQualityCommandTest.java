package dev.kvasir.benchmarks.quality;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kvasir.runner.ModelConfig.Family;
import dev.kvasir.runner.synthetic.SyntheticModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class KvQualityCommandTest {
    @TempDir
    private static Path folder;

    private static Path model;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void write() throws IOException {
        model = folder.resolve("model");
        SyntheticModel.tiny(Family.LLAMA).seed(3).write(model);
    }

    private int execute(String... more) {
        String[] arguments = new String[more.length + 6];
        System.arraycopy(
                new String[] {"--model", model.toString(), "--segment-tokens", "16", "--pool-mib", "4"},
                0,
                arguments,
                0,
                6);
        System.arraycopy(more, 0, arguments, 6, more.length);
        return new CommandLine(new KvQualityCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    @Test
    void int8ChangesTheDistributionsALittleAndOtherChunksNothing() throws IOException {
        Path json = folder.resolve("quality.json");
        int exit = execute(
                "--prompts",
                "20",
                "--prompt-tokens",
                "50",
                "--new-tokens",
                "8",
                "--dtype",
                "float32",
                "--json",
                json.toString());
        assertThat(exit).as(err.toString()).isZero();
        assertThat(out.toString()).contains("20 prompts of 50 tokens, of which 48 came back", "other chunks", "int8");
        JsonNode results = new ObjectMapper().readTree(json.toFile()).path("results");
        assertThat(results).hasSize(2);
        JsonNode control = results.path(0);
        JsonNode int8 = results.path(1);
        for (JsonNode result : results) {
            assertThat(result.path("prompts")).hasSize(20);
            // Token 48 is computed on the prefix, and with it the distributions of tokens 49 to 57.
            assertThat(result.path("positions").asInt()).isEqualTo(20 * 9);
        }
        assertThat(control.path("logprobDifferenceLargest").asDouble()).isLessThan(1e-4);
        assertThat(int8.path("logprobDifferenceLargest").asDouble()).isBetween(1e-4, 1.0);
        assertThat(int8.path("klMean").asDouble()).isPositive();
        assertThat(int8.path("sameBest").asDouble()).isGreaterThan(0.5);
    }

    @Test
    void saysWhatDoesNotFit() {
        assertThat(execute("--prompt-tokens", "16")).isEqualTo(2);
        assertThat(err.toString()).contains("no whole segment of 16");
        assertThat(execute("--new-tokens", "100000")).isEqualTo(2);
        assertThat(err.toString()).contains("exceed the model's context");
    }
}
