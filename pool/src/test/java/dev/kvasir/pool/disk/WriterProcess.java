package dev.kvasir.pool.disk;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Another process that opens a store and writes until it is killed. It prints {@code open}, or why it couldn't; then a
 * line before each write and one after it.
 */
final class WriterProcess {
    private WriterProcess() {}

    /** Its arguments: file, segment bytes, segment tokens, slots, number of its first segment, threads. */
    public static void main(String[] args) throws Exception {
        Segments segments =
                Segments.of(Integer.parseInt(args[1]), Integer.parseInt(args[2]), Integer.parseInt(args[3]));
        int first = Integer.parseInt(args[4]);
        int threads = Integer.parseInt(args[5]);
        FileStore store;
        try {
            store = FileStore.open(Path.of(args[0]), segments.geometry(), OnMismatch.REFUSE);
        } catch (IOException e) {
            System.out.println(e.getMessage());
            return;
        }
        System.out.println("open");
        List<CompletableFuture<Void>> writers = new ArrayList<>();
        for (int thread = 0; thread < threads; thread++) {
            int own = thread;
            writers.add(CompletableFuture.runAsync(
                    () -> write(store, segments, own, threads, first), task -> new Thread(task).start()));
        }
        CompletableFuture.allOf(writers.toArray(CompletableFuture[]::new)).join();
    }

    /** Writes segments {@code first + own}, {@code first + own + threads} and so on, round and round in this thread's own slots. */
    private static void write(FileStore store, Segments segments, int own, int threads, int first) {
        int slots = store.slots() / threads * threads;
        for (int number = first + own, slot = own; ; number += threads, slot = (slot + threads) % slots) {
            System.out.println("begin " + slot + " " + number);
            try {
                segments.write(store, slot, number);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            System.out.println("end " + slot + " " + number);
        }
    }

    static Process start(Path file, DiskGeometry geometry, int first, int threads) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                codeOf(FileStore.class) + File.pathSeparator + codeOf(WriterProcess.class),
                WriterProcess.class.getName(),
                file.toString()));
        for (int number :
                new int[] {geometry.segmentBytes(), geometry.segmentTokens(), geometry.slots(), first, threads}) {
            command.add(Integer.toString(number));
        }
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static String codeOf(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
