package dev.kvasir.runner.cuda;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.jna.Library;
import com.sun.jna.Native;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * The emulated CUDA driver of {@code src/test/cuda-driver}: built by g++ when a test first asks for it, and loaded before JCuda looks for the real one. From
 * then on this JVM has an <em>emulated</em> device.
 */
public final class EmulatedDriver {
    static final long MEMORY = 1L << 30;
    private static final Path SOURCES = module().resolve(Path.of("src", "test", "cuda-driver"));
    private static final List<String> FLAGS =
            List.of("-std=c++17", "-O2", "-march=native", "-ffp-contract=off", "-fPIC", "-fvisibility=hidden", "-Wall");

    /** What can be made to fail, and what is counted: {@code Operation} in {@code device.h}. */
    enum Operation {
        ALLOCATE,
        ALLOCATE_HOST,
        LAUNCH,
        KERNEL,
        COPY,
        ANY
    }

    /** {@code control.cpp}. */
    interface Control extends Library {
        void emulator_reset(long seed, long memoryBytes, int eagerPercent);

        void emulator_capability(int major, int minor);

        void emulator_fail(int operation, long after, int code);

        long emulator_count(int operation);

        long emulator_instructions();

        long emulator_used_bytes();

        long emulator_left();

        void emulator_lend(long address, long bytes);

        void emulator_end_loans();

        String emulator_last_fault();
    }

    private static final class Holder {
        static final Control CONTROL = load();
    }

    private EmulatedDriver() {}

    /**
     * Returns the emulated device's controls, all faults forgotten; skips the test where there is no g++.
     *
     * @param seed of every order that CUDA leaves open: of threads, blocks, streams and asynchronous copies
     * @param eagerPercent how often queued work is done before somebody waits for it
     */
    static Control start(long seed, int eagerPercent) {
        Control control = control();
        control.emulator_reset(seed, MEMORY, eagerPercent);
        return control;
    }

    static Control start(long seed) {
        return start(seed, 30);
    }

    /** Returns the controls and changes nothing. */
    static Control control() {
        assumeCompiler();
        return Holder.CONTROL;
    }

    /** Skips the test where the emulated driver can't be built. */
    public static void assumeCompiler() {
        assumeTrue(hasCompiler(), "no g++ on this machine, so the emulated CUDA driver can't be built");
    }

    /** Returns this module's folder, from here or from another module's tests. */
    private static Path module() {
        Path sibling = Path.of("..", "model-runner");
        return Files.isDirectory(sibling) ? sibling : Path.of("");
    }

    static void fail(Control control, Operation operation, long after, int code) {
        control.emulator_fail(operation.ordinal(), after, code);
    }

    private static boolean hasCompiler() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "g++")));
    }

    private static Control load() {
        try {
            Path library = build();
            // By its soname it is then the libcuda.so.1 that libJCudaDriver asks for.
            System.load(library.toString());
            return Native.load(library.toString(), Control.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the library's path, building it if its sources have changed. */
    public static Path build() throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(SOURCES)) {
            files = all.sorted().toList();
        }
        Path folder =
                module().resolve(Path.of("target", "cuda-driver", hash(files))).toAbsolutePath();
        Path library = folder.resolve("libcuda.so.1");
        if (Files.exists(library)) {
            return library;
        }
        Files.createDirectories(folder);
        List<Process> running = new ArrayList<>();
        List<String> objects = new ArrayList<>();
        for (Path file : files) {
            if (file.toString().endsWith(".cpp")) {
                String object = folder.resolve(file.getFileName() + ".o").toString();
                objects.add(object);
                running.add(compiler(List.of("-c", file.toString(), "-o", object)));
            }
        }
        for (Process process : running) {
            await(process);
        }
        Path unfinished = folder.resolve("unfinished.so");
        List<String> link =
                new ArrayList<>(List.of("-shared", "-Wl,-soname,libcuda.so.1", "-o", unfinished.toString()));
        link.addAll(objects);
        await(compiler(link));
        Files.move(unfinished, library, StandardCopyOption.ATOMIC_MOVE);
        return library;
    }

    private static Process compiler(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("g++"));
        command.addAll(FLAGS);
        command.addAll(arguments);
        return new ProcessBuilder(command).inheritIO().start();
    }

    private static void await(Process process) throws IOException {
        try {
            if (process.waitFor() != 0) {
                throw new IOException(
                        "g++ failed: " + process.info().commandLine().orElse(""));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    private static String hash(List<Path> files) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(FLAGS.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8));
            for (Path file : files) {
                digest.update(Files.readAllBytes(file));
            }
            return HexFormat.of().formatHex(digest.digest(), 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
