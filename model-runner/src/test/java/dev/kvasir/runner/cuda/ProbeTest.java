package dev.kvasir.runner.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The probe on machines that have a driver, have none, or lack JCuda's natives: each in a JVM of its own, since a JVM probes once. */
class ProbeTest {
    /** Says what the probe found, twice. */
    static final class Main {
        private Main() {}

        public static void main(String[] arguments) {
            if (arguments.length > 0) {
                System.load(arguments[0]);
            }
            System.out.println(CudaProbe.result());
            System.out.println(CudaProbe.result());
        }
    }

    private static String probe(String libraryPath, Path temporary, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.library.path=" + libraryPath,
                "-Djava.io.tmpdir=" + temporary,
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(said).isZero();
        return said;
    }

    @Test
    void withoutADriverItSaysSoAndBreaksNothing(@TempDir Path temporary) throws IOException, InterruptedException {
        org.junit.jupiter.api.Assumptions.assumeFalse(hasDriver(), "this machine has a CUDA driver");
        String said = probe(System.getProperty("java.library.path"), temporary);
        assertThat(said).contains("isAvailable=false", "no CUDA driver", "libcuda.so.1");
        assertThat(Files.list(temporary)).as("what was unpacked").isEmpty();
    }

    @Test
    void withoutNativesNothingIsLoadedFromTheTemporaryDirectory(@TempDir Path temporary)
            throws IOException, InterruptedException {
        String said = probe("/nonexistent", temporary);
        assertThat(said).contains("isAvailable=false", "isn't on java.library.path");
        assertThat(Files.list(temporary)).as("what was unpacked").isEmpty();
    }

    @Test
    void withADriverItFindsTheDevice(@TempDir Path temporary) throws IOException, InterruptedException {
        EmulatedDriver.control();
        String said = probe(
                System.getProperty("java.library.path"),
                temporary,
                EmulatedDriver.build().toString());
        assertThat(said).contains("isAvailable=true", "CUDA device 0 of 1");
    }

    private static boolean hasDriver() {
        return List.of("/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib", "/lib64").stream()
                .anyMatch(folder -> Files.exists(Path.of(folder, "libcuda.so.1")));
    }
}
