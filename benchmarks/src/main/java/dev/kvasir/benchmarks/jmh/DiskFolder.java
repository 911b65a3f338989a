package dev.kvasir.benchmarks.jmh;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A folder for a benchmark's file. It lies where the benchmark was started, since the system's folder for such things may be memory. */
final class DiskFolder implements AutoCloseable {
    private static final String FILE = "pool.kv";

    private final Path folder;

    DiskFolder() throws IOException {
        folder = Files.createTempDirectory(Path.of("").toAbsolutePath(), "kvasir-jmh");
    }

    Path file() {
        return folder.resolve(FILE);
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(file());
        Files.delete(folder);
    }
}
