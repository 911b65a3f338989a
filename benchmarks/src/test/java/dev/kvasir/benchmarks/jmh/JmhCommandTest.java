package dev.kvasir.benchmarks.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class JmhCommandTest {
    @TempDir
    private Path folder;

    @Test
    void everyBenchmarkRunsAndLeavesItsBooksInOrder() throws IOException {
        Path file = folder.resolve("jmh.json");
        int exit = new CommandLine(new JmhCommand()).execute("^(?!.*Gather).*", "--smoke", "--json", file.toString());
        assertThat(exit).isZero();
        Set<String> names = new HashSet<>();
        JsonNode results = new ObjectMapper().readTree(file.toFile());
        results.forEach(result -> names.add(result.path("benchmark").asText().replaceAll(".*jmh\\.", "")));
        assertThat(names)
                .containsExactlyInAnyOrder(
                        "PrefixTreeBenchmark.match",
                        "PrefixTreeBenchmark.miss",
                        "PrefixTreeBenchmark.insertAndDelete",
                        "PrefixTreeBenchmark.insertUnderPressure",
                        "EvictionBenchmark.use",
                        "EvictionBenchmark.evict",
                        "BatchPlanningBenchmark.step",
                        "DiskStoreBenchmark.write",
                        "DiskStoreBenchmark.read",
                        "DiskRestartBenchmark.open10k",
                        "SegmentCodecBenchmark.encode",
                        "SegmentCodecBenchmark.decode",
                        "RecordCipherBenchmark.hmac",
                        "RecordCipherBenchmark.gcmAsMac",
                        "RecordCipherBenchmark.encrypt",
                        "RecordCipherBenchmark.decrypt",
                        "SegmentCodecBenchmark.copy",
                        "SwapBooksBenchmark.match",
                        "SwapBooksBenchmark.swapOutAndIn",
                        "SwapBooksBenchmark.insertUnderPressure");
        assertThat(results).hasSize(4 * 3 + 2 * 3 * 2 + 1 + 2 * 4 + 1 + 3 * 2 + 4 * 3 + 3 * 2);
    }

    @Test
    void aModelReadsAdjacentAndScatteredSlots() throws IOException {
        Path file = folder.resolve("jmh.json");
        int exit = new CommandLine(new JmhCommand())
                .execute(
                        "Gather",
                        "--smoke",
                        "--param",
                        "context=256",
                        "--param",
                        "dtype=FLOAT32",
                        "--json",
                        file.toString());
        assertThat(exit).isZero();
        JsonNode results = new ObjectMapper().readTree(file.toFile());
        assertThat(results.findValuesAsText("slots")).containsExactlyInAnyOrder("ADJACENT", "SCATTERED");
    }
}
