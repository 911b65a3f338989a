package dev.kvasir.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.kvasir.engine.ServerProcess.Reply;
import dev.kvasir.engine.config.Settings;
import dev.kvasir.engine.config.SettingsException;
import dev.kvasir.engine.config.SettingsReader;
import dev.kvasir.runner.ModelConfig.Family;
import dev.kvasir.runner.cuda.CudaProbe;
import dev.kvasir.runner.cuda.EmulatedDriver;
import dev.kvasir.runner.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whole servers whose pool and attention are on the emulated CUDA device: JCuda finds the emulated driver as it would the real one, by the linker's path.
 */
class CudaServerTest {
    private static final int REPLY = 12;
    private static final Path NATIVES = Path.of("..", "model-runner", "target", "jcuda", "lib");

    @TempDir
    Path folder;

    private Path library;
    private Path model;

    @BeforeEach
    void make() throws IOException {
        EmulatedDriver.assumeCompiler();
        library = EmulatedDriver.build();
        model = folder.resolve("tiny");
        SyntheticModel.tiny(Family.LLAMA).seed(5).write(model);
    }

    private List<String> settings(String... more) {
        List<String> all = new ArrayList<>(List.of(
                "http.port=0",
                "model.path=" + model,
                "model.name=tiny",
                "model.dtype=float32",
                "model.threads=1",
                "pool.segmentTokens=16",
                "data.dir=" + folder.resolve("data")));
        all.addAll(List.of(more));
        return all;
    }

    private ServerProcess onTheDevice(String fault, String... more) throws IOException {
        return ServerProcess.start(
                folder.resolve("log"),
                settings(more),
                List.of("-Djava.library.path=" + NATIVES.toAbsolutePath()),
                Map.of("LD_LIBRARY_PATH", library.getParent().toString(), "KVASIR_EMULATOR_FAIL", fault));
    }

    private static List<Integer> prompt(int seed) {
        return new SplittableRandom(seed).ints(70, 3, 200).boxed().toList();
    }

    @Test
    void saysWhatTheCpuSaysAfterItsSegmentsWereInMemoryToo() throws IOException {
        List<List<Integer>> expected = new ArrayList<>();
        try (ServerProcess cpu = ServerProcess.start(folder.resolve("cpu"), settings("pool.deviceBytes=4MiB"))) {
            for (int p = 0; p < 4; p++) {
                expected.add(cpu.complete(prompt(p), REPLY, null).tokens());
            }
        }
        // Room for two prompts or so: the first are evicted to memory, and come back from there.
        try (ServerProcess cuda = onTheDevice(
                "",
                "runner.device=cuda",
                "pool.deviceBytes=" + 14L * segmentBytes(),
                "pool.hostBytes=4MiB",
                "pool.prefetch=wait")) {
            for (int p = 0; p < 4; p++) {
                assertThat(cuda.complete(prompt(p), REPLY, null).tokens()).isEqualTo(expected.get(p));
            }
            for (int p = 0; p < 4; p++) {
                Reply again = cuda.complete(prompt(p), REPLY, null);
                assertThat(again.tokens()).isEqualTo(expected.get(p));
                assertThat(again.cached()).as("cached tokens of prompt %d", p).isEqualTo(64);
            }
        }
    }

    private long segmentBytes() {
        var config = dev.kvasir.runner.checkpoint.ModelDirectory.open(model).config();
        return 2L * config.layers() * config.kvHeads() * config.headDim() * 16 * Float.BYTES;
    }

    @Test
    void aLostDeviceTakesTheNodeOutOfService() throws IOException {
        // The 200th kernel fails as after a wild access: CUDA_ERROR_LAUNCH_FAILED.
        try (ServerProcess cuda = onTheDevice("3:200:719", "runner.device=auto", "pool.deviceBytes=4MiB")) {
            assertThat(cuda.status("/health")).isEqualTo(200);
            assertThatThrownBy(() -> {
                        for (int p = 0; p < 50; p++) {
                            cuda.complete(prompt(p), REPLY, null);
                        }
                    })
                    .isInstanceOfAny(AssertionError.class, IOException.class);
            // The batch has its error a moment before the node is out of service.
            int polls = 0;
            while (cuda.status("/health") != 503 && polls < 5_000) {
                polls++;
            }
            assertThat(cuda.status("/health")).isEqualTo(503);
            assertThat(cuda.complaints()).contains("CUDA_ERROR_LAUNCH_FAILED");
        }
    }

    @Test
    void withoutADriverCudaIsRefusedAndAutoIsTheCpu() {
        // This module's tests have no path to JCuda's natives.
        assumeFalse(CudaProbe.result().isAvailable(), "this JVM has a CUDA device");
        assertThatThrownBy(() -> KvDevices.of(with("runner.device=cuda")))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("runner.device is cuda: no CUDA");
        assertThat(KvDevices.of(with("runner.device=auto")).factory()).isNull();
        assertThat(KvDevices.of(with("runner.device=cpu")).factory()).isNull();
    }

    private static Settings with(String setting) {
        return new SettingsReader().set(List.of(setting)).read();
    }
}
