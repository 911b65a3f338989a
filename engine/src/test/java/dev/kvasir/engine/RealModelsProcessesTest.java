package dev.kvasir.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kvasir.engine.ServerProcess.Reply;
import dev.kvasir.testing.RandomizedTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Trained models on several processes: with a prefix on each possible number of them, they say what one process says. */
class RealModelsProcessesTest {
    private static final int SEGMENT = 16;
    private static final int GENERATED = 24;
    private static final int TURNS = 6;
    private static final int MOST_CONVERSATIONS = 30;

    @TempDir
    private Path folder;

    private final List<ServerProcess> nodes = new ArrayList<>();
    private int salts;

    @AfterEach
    void end() {
        nodes.forEach(ServerProcess::close);
    }

    @RandomizedTest(1)
    @Timeout(300)
    void theModelInTheBoxOnTwoProcesses(SplittableRandom random) throws Exception {
        sayWhatOneSays(Path.of("..", "models", "kvasir-mini"), 2, random);
    }

    @RandomizedTest(1)
    @Timeout(1800)
    @Tag("nightly")
    void eachModelOnOneToFiveProcesses(SplittableRandom random) throws Exception {
        List<Path> models = List.of(
                Path.of("..", "models", "kvasir-mini"),
                Path.of(System.getProperty("test.models", "../../shared/models"), "stories260k"));
        assumeTrue(
                models.stream().allMatch(Files::isDirectory),
                () -> "not all of these are there, so none is run: " + models);
        for (Path model : models) {
            for (int count : new int[] {1, 2, 3, 5}) {
                sayWhatOneSays(model, count, random);
                nodes.forEach(ServerProcess::close);
                nodes.clear();
            }
        }
    }

    private void sayWhatOneSays(Path model, int count, SplittableRandom random) throws Exception {
        start(model, count);
        TreeSet<Integer> holders = new TreeSet<>();
        int conversations = 0;
        while (holders.size() < count) {
            assertThat(conversations++)
                    .as("conversations that met prefixes on %s of %d processes only", holders, count)
                    .isLessThan(MOST_CONVERSATIONS);
            List<Integer> text = tokens(40, random);
            for (int turn = 0; turn < TURNS; turn++) {
                Integer seed = random.nextBoolean() ? null : random.nextInt(1000);
                double[] before = reads();
                Reply reply = nodes.get(random.nextInt(count)).complete(text, GENERATED, null, seed);
                double[] after = reads();
                int read = (int) IntStream.range(0, count)
                        .filter(node -> after[node] > before[node])
                        .count();
                // Under a salt of its own nothing is found: this is what one process computes.
                Reply alone = nodes.get(0).complete(text, GENERATED, "salt " + salts++, seed);
                assertThat(alone.cached()).isZero();
                assertThat(reply.tokens())
                        .as("%s on %d processes, prefix on %d", model.getFileName(), count, read)
                        .isEqualTo(alone.tokens());
                if (read > 0) {
                    holders.add(read);
                }
                text.addAll(reply.tokens());
                text.addAll(tokens(15, random));
            }
        }
    }

    /** Returns how many segments of each node were found so far, by requests here or elsewhere. */
    private double[] reads() throws IOException {
        double[] reads = new double[nodes.size()];
        for (int i = 0; i < reads.length; i++) {
            reads[i] = nodes.get(i).metric("kvasir_kv_cache_hits_total");
        }
        return reads;
    }

    private void start(Path model, int count) {
        List<CompletableFuture<ServerProcess>> starting = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Path log = folder.resolve("log-" + model.getFileName() + "-" + count + "-" + i);
            List<String> settings = List.of(
                    "http.port=0",
                    "data.dir=" + folder.resolve("data-" + model.getFileName() + "-" + count),
                    "model.path=" + model.toAbsolutePath(),
                    "model.name=tiny",
                    "model.dtype=float32",
                    "model.threads=1",
                    "pool.segmentTokens=" + SEGMENT,
                    "pool.deviceBytes=32MiB",
                    "pool.prefetch=wait",
                    "cluster.reads=query",
                    "cluster.enabled=true",
                    "cluster.routing=round-robin"); // so that requests come to nodes that don't have their prefix
            starting.add(CompletableFuture.supplyAsync(
                    () -> {
                        try {
                            return ServerProcess.start(log, settings);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    },
                    task -> new Thread(task).start()));
        }
        starting.forEach(next -> nodes.add(next.join()));
    }

    private static List<Integer> tokens(int count, SplittableRandom random) {
        return new ArrayList<>(random.ints(count, 3, 200).boxed().toList());
    }
}
