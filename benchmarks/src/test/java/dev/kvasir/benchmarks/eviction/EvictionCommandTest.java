package dev.kvasir.benchmarks.eviction;

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

class EvictionCommandTest {
    private static final String TRACE = """
            {"timestamp": 0, "input_length": 1200, "output_length": 5, "hash_ids": [0, 1, 2]}
            {"timestamp": 7, "input_length": 1700, "output_length": 5, "hash_ids": [0, 1, 3, 4]}

            {"timestamp": 9, "input_length": 1700, "output_length": 5, "hash_ids": [0, 1, 3, 4]}
            """;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path folder;

    private int execute(String... arguments) {
        return new CommandLine(new EvictionCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    @Test
    void printsRatesByPolicyAndWritesThem() throws IOException {
        Path trace = Files.writeString(folder.resolve("some.jsonl"), TRACE);
        Path json = folder.resolve("rates.json");
        int exit = execute(
                "--traffic",
                "shift",
                "--slots",
                "256",
                "--trace",
                trace.toString(),
                "--trace-slots",
                "5,100",
                "--json",
                json.toString());
        assertThat(err.toString()).isEmpty();
        assertThat(exit).isZero();
        assertThat(out.toString())
                .contains("traffic is simulated, seed 1, but for some.jsonl", "shift, old set", "some.jsonl, all");

        JsonNode results = new ObjectMapper().readTree(json.toFile()).path("results");
        assertThat(results).hasSize(4 + 2);
        JsonNode roomy = results.path(5);
        assertThat(roomy.path("segments").asInt()).isEqualTo(11);
        for (String policy : new String[] {"lru", "lfu", "tinylfu", "noneEvicted"}) {
            assertThat(roomy.path("hitRates").path(policy).asDouble()).isEqualTo(6 / 11.0);
        }
        JsonNode old = results.path(0).path("hitRates");
        assertThat(old.path("tinylfu").asDouble())
                .isGreaterThan(old.path("lru").asDouble())
                .isLessThan(old.path("noneEvicted").asDouble());
    }

    @Test
    void aLineWithoutBlocksIsNamed() throws IOException {
        Path trace = Files.writeString(folder.resolve("other.jsonl"), TRACE + "{\"hash_ids\": 7}\n");
        assertThatThrownBy(() -> TraceTraffic.read(trace))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("request 4 has no list of hash_ids");
    }

    @Test
    void whatIsNotThereIsTheCallersMistake() {
        assertThat(execute("--traffic", "storm")).isEqualTo(2);
        assertThat(err.toString()).contains("no traffic storm");
        assertThat(execute("--traffic", "shift", "--slots", "4")).isEqualTo(2);
        assertThat(err.toString()).contains("doesn't fit a pool of 4 slots");
    }
}
