package dev.kvasir.runner.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The PTX that is shipped is the sources' own. */
class KernelSourcesTest {
    private static final Path SOURCES = Path.of("src", "main", "cuda");
    private static final Path SHIPPED = Path.of("src", "main", "resources", "dev", "kvasir", "runner", "cuda");
    private static final Pattern FIRST_LINE = Pattern.compile("// .* sources sha256 (\\w+), nvcc ([0-9.]+)");

    @Test
    void everyFileNamesTheSourcesThatAreHere() throws IOException, NoSuchAlgorithmException {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (String ending : List.of(".cu", ".cuh")) {
            for (Path file : list(SOURCES, ending)) {
                digest.update(Files.readAllBytes(file));
            }
        }
        String hash = HexFormat.of().formatHex(digest.digest());
        List<Path> files = list(SHIPPED, ".ptx");
        assertThat(files).hasSameSizeAs(list(SOURCES, ".cu"));
        for (Path file : files) {
            String text = Files.readString(file);
            Matcher first = FIRST_LINE.matcher(text.lines().findFirst().orElseThrow());
            assertThat(first.matches()).as("first line of %s", file).isTrue();
            assertThat(first.group(1))
                    .as("%s; run src/main/cuda/build.sh %s", file, SHIPPED)
                    .isEqualTo(hash);
            // Drivers since CUDA 11.0 take that version.
            assertThat(text).contains("\n.version 7.0\n.target sm_80\n");
        }
    }

    @Test
    void theCompilerMakesTheSameAgain(@TempDir Path folder) throws IOException, InterruptedException {
        assumeTrue(isOnPath("nvcc"), "no nvcc on this machine, so the shipped PTX can't be built again");
        run(List.of(SOURCES.resolve("build.sh").toString(), folder.toString()));
        for (Path file : list(SHIPPED, ".ptx")) {
            String shipped = Files.readString(file);
            String made = Files.readString(folder.resolve(file.getFileName()));
            assumeTrue(
                    made.lines().findFirst().equals(shipped.lines().findFirst()),
                    "another version of nvcc writes other PTX");
            assertThat(made).isEqualTo(shipped);
        }
    }

    @Test
    void theAssemblerTakesItForEveryArchitecture() throws IOException, InterruptedException {
        assumeTrue(isOnPath("ptxas"), "no ptxas on this machine");
        for (Path file : list(SHIPPED, ".ptx")) {
            for (String architecture : List.of("sm_80", "sm_90")) {
                run(List.of("ptxas", "-arch=" + architecture, "-O0", file.toString(), "-o", "/dev/null"));
            }
        }
    }

    private static void run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as("%s: %s", command, said).isZero();
    }

    private static boolean isOnPath(String tool) {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, tool)));
    }

    private static List<Path> list(Path folder, String ending) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(file -> file.toString().endsWith(ending)).sorted().toList();
        }
    }
}
