package dev.kvasir.benchmarks.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class WireCommandTest {
    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int execute(String... arguments) {
        return new CommandLine(new WireCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    @Test
    void timesTheDataPlaneBesideAPlainSocket() throws IOException {
        Path json = folder.resolve("wire.json");
        int exit = execute(
                "--segment-bytes=100000",
                "--segments=3",
                "--queries=2",
                "--query-bytes=10",
                "--runs=1",
                "--json=" + json);
        assertThat(exit).as(err.toString()).isZero();
        JsonNode figures = new ObjectMapper().readTree(json.toFile()).path("figures");
        assertThat(figures.findValuesAsText("name")).containsExactly("data plane", "plain NetSocket");
        figures.forEach(figure -> {
            assertThat(figure.path("gigabytesPerSecond").path(0).asDouble()).isPositive();
            assertThat(figure.path("aloneNanos").path("p50").asLong()).isPositive();
            assertThat(figure.path("besideNanos").path("p99").asLong()).isPositive();
        });
        assertThat(out.toString()).contains("data plane", "load average");
    }

    @Test
    void nothingIsNoMeasurement() {
        assertThat(execute("--runs=0")).isEqualTo(2);
        assertThat(err.toString()).contains("1 or more");
    }
}
