package dev.kvasir.benchmarks.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.runner.DType;
import dev.kvasir.runner.ModelConfig;
import dev.kvasir.runner.checkpoint.ModelDirectory;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class MakeModelCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path folder;

    private int make(String... arguments) {
        return new CommandLine(new MakeModelCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    @Test
    void writesAModelThatTheServersLoaderAccepts() {
        Path directory = folder.resolve("deep/model");
        assertThat(make("--shape", "tiny-qwen2", "--out", directory.toString(), "--dtype", "f16"))
                .isZero();
        ModelConfig config = ModelDirectory.open(directory).config();
        assertThat(config.family()).isEqualTo(ModelConfig.Family.QWEN2);
        assertThat(config.storedDtype()).isEqualTo(DType.FLOAT16);
        assertThat(out.toString()).contains("tiny-qwen2", "2 layers", "vocabulary 512");
    }

    @Test
    void theSeedDecidesOnTheWeights() throws IOException {
        for (String run : new String[] {"1", "1", "2"}) {
            Path directory = folder.resolve("m" + folder.toFile().list().length);
            assertThat(make("--shape", "tiny-llama", "--seed", run, "--out", directory.toString()))
                    .isZero();
        }
        assertThat(weights("m0")).isEqualTo(weights("m1")).isNotEqualTo(weights("m2"));
    }

    @Test
    void overwritesNothing() throws IOException {
        Path file = Files.writeString(folder.resolve("precious"), "mine");
        assertThat(make("--shape", "tiny-llama", "--out", folder.toString())).isEqualTo(2);
        assertThat(make("--shape", "tiny-llama", "--out", file.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("has something in it already");
        assertThat(file).hasContent("mine");
        assertThat(folder).isDirectoryNotContaining(entry -> !entry.equals(file));
    }

    @Test
    void namesTheShapesWhereItIsAskedForAnother() {
        assertThat(make("--shape", "gpt-2", "--out", folder.resolve("x").toString()))
                .isEqualTo(2);
        assertThat(err.toString()).contains("gpt-2 is none of qwen2.5-0.5b, llama-3.2-1b");
    }

    private byte[] weights(String directory) throws IOException {
        return Files.readAllBytes(folder.resolve(directory).resolve("model.safetensors"));
    }
}
