package dev.kvasir.benchmarks.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ClusterSimCommandTest {
    private static final String TRACE = """
        {"timestamp": 0, "input_length": 1200, "output_length": 50, "hash_ids": [0, 1, 2]}
        {"timestamp": 60000, "input_length": 1700, "output_length": 50, "hash_ids": [0, 1, 3, 4]}

        {"timestamp": 120000, "input_length": 1700, "output_length": 50, "hash_ids": [0, 1, 3, 4]}
        {"timestamp": 180000, "input_length": 1700, "output_length": 50, "hash_ids": [0, 1, 3, 4]}
        """;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path folder;

    private int execute(String... arguments) {
        return new CommandLine(new ClusterSimCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    @Test
    void replaysATraceAndWritesTheReport() throws IOException {
        Path trace = Files.writeString(folder.resolve("some.jsonl"), TRACE);
        Path json = folder.resolve("counts.json");
        Path markdown = folder.resolve("report.md");
        int exit = execute(
                "--sessions",
                "0",
                "--trace",
                trace.toString(),
                "--percent",
                "400",
                "--nodes",
                "2",
                "--json",
                json.toString(),
                "--markdown",
                markdown.toString());
        assertThat(err.toString()).isEmpty();
        assertThat(exit).isZero();
        assertThat(out.toString())
                .contains("**simulated**", "--trace some.jsonl", "## Trace", "4 requests of some.jsonl", "| one LRU |")
                .doesNotContain(folder.toString());
        assertThat(Files.readString(markdown)).isEqualTo(out.toString());

        JsonNode results = new ObjectMapper().readTree(json.toFile()).path("results");
        assertThat(results).hasSize(4 * 2 + 2 + 1);
        for (JsonNode row : results) {
            // The first request warms up; each of the others finds what was asked before, if it's on its node or all
            // nodes are one.
            assertThat(row.path("promptTokens").asInt()).isEqualTo(12 * 64);
            if (!row.path("cache").asText().equals("own")) {
                assertThat(row.path("hitTokens").asInt()).isEqualTo(10 * 64);
            }
        }
    }

    @Test
    void aLineOfAnotherFormIsNamed() throws IOException {
        Path trace = Files.writeString(folder.resolve("other.jsonl"), TRACE + "{\"hash_ids\": [1]}\n");
        assertThatThrownBy(() -> TraceSessions.read(trace, 100))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("request 5 has no timestamp");
    }

    @Test
    void thereAreTwoWaysToRead() {
        assertThat(execute("--reads", "guess")).isEqualTo(2);
        assertThat(err.toString()).contains("'guess' is none of query, fetch");
    }
}
