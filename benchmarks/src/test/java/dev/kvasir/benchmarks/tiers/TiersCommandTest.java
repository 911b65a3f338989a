package dev.kvasir.benchmarks.tiers;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kvasir.runner.ModelConfig.Family;
import dev.kvasir.runner.synthetic.SyntheticModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class TiersCommandTest {
    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int execute(String... arguments) {
        return new CommandLine(new TiersCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    @Test
    void timesEveryPathOfARealModelAndLeavesNoFile() throws IOException {
        Path model = SyntheticModel.tiny(Family.LLAMA).write(folder.resolve("model"));
        Path files = folder.resolve("files");
        Path json = folder.resolve("tiers.json");
        int exit = execute(
                "--model=" + model,
                "--dir=" + files,
                "--device-mib=8",
                "--below-mib=8",
                "--prefix-tokens=512",
                "--match-tokens=2048",
                "--runs=2",
                "--threads=1",
                "--json=" + json);
        assertThat(exit).as(err.toString()).isZero();
        JsonNode figures = new ObjectMapper().readTree(json.toFile()).path("figures");
        List<String> groups = figures.findValuesAsText("group");
        // The file system of this folder may have no O_DIRECT; that is said then.
        assertThat(groups)
                .contains("plain", "books", "device to host", "host to device", "device to disk, page cache")
                .contains("disk, page cache to device", "first token behind 512 tokens");
        assertThat(figures.findValuesAsText("name"))
                .contains("match and release of 2048 tokens", "computed", "from the device");
        figures.forEach(figure -> assertThat(figure.path("medianNanos").asDouble())
                .as(figure.toString())
                .isPositive());
        assertThat(out.toString()).contains("swapOut a segment", "load average");
        assertThat(Files.list(files)).isEmpty();
    }

    @Test
    void aPrefixThatIsLongerThanTheContextIsRefused() throws IOException {
        Path model = SyntheticModel.tiny(Family.LLAMA).write(folder.resolve("small"));
        assertThat(execute("--model=" + model, "--prefix-tokens=2000", "--dir=" + folder))
                .isEqualTo(2);
        assertThat(err.toString()).contains("--prefix-tokens 2000 doesn't fit the model's context of 1024");
    }

    @Test
    void quartilesAreTimesThatWereMeasured() {
        assertThat(Times.of(List.of(40L, 10L, 30L, 20L))).isEqualTo(new Times(4, 10, 20, 30));
        assertThat(Figure.of("g", "n", 100, List.of(50L)).gigabytesPerSecond()).isEqualTo(2);
    }
}
