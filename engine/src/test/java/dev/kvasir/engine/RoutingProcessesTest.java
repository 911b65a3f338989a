package dev.kvasir.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.engine.ServerProcess.Reply;
import dev.kvasir.engine.testkit.TestServer;
import dev.kvasir.runner.ModelConfig.Family;
import dev.kvasir.runner.synthetic.SyntheticModel;
import dev.kvasir.testing.RandomizedTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Processes that run each other's requests: what a client is told is what one process says, whoever dies meanwhile. */
class RoutingProcessesTest {
    @TempDir
    private Path folder;

    private final List<ServerProcess> nodes = new ArrayList<>();

    @AfterEach
    void end() {
        nodes.forEach(ServerProcess::close);
    }

    private void start(SplittableRandom random, String... roles) throws Exception {
        Path model = SyntheticModel.tiny(Family.LLAMA).seed(random.nextLong()).write(folder.resolve("model"));
        List<CompletableFuture<ServerProcess>> starting = new ArrayList<>();
        for (String role : roles) {
            Path log = folder.resolve("log-" + starting.size());
            starting.add(inOwnThread(() -> {
                try {
                    return ServerProcess.start(
                            log,
                            List.of(
                                    "http.port=0",
                                    "data.dir=" + folder.resolve("data"),
                                    "model.path=" + model,
                                    "model.name=tiny",
                                    "model.dtype=float32",
                                    "model.threads=1",
                                    "pool.segmentTokens=16",
                                    "pool.deviceBytes=8MiB",
                                    "cluster.enabled=true",
                                    "cluster.routing=round-robin",
                                    "cluster.role=" + role));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }));
        }
        for (CompletableFuture<ServerProcess> next : starting) {
            nodes.add(next.join());
        }
    }

    private static <T> CompletableFuture<T> inOwnThread(Supplier<T> task) {
        return CompletableFuture.supplyAsync(task, run -> new Thread(run).start());
    }

    private static CompletableFuture<Reply> complete(ServerProcess node, List<Integer> prompt, int seed) {
        return inOwnThread(() -> {
            try {
                return node.complete(prompt, 150, null, seed);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static boolean isBusy(ServerProcess node) {
        try {
            return node.slotsInUse() > 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @RandomizedTest(1)
    @Timeout(300)
    void aFrontendLosesNoRequestWhenAWorkerIsKilled(SplittableRandom random) throws Exception {
        start(random, "frontend", "mixed", "mixed", "pool");
        List<List<Integer>> prompts = new ArrayList<>();
        List<List<Integer>> replies = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            prompts.add(new ArrayList<>(random.ints(60, 3, 200).boxed().toList()));
            replies.add(complete(nodes.get(1), prompts.get(i), i).join().tokens());
            // A node that only holds segments has a door, too.
            assertThat(complete(nodes.get(3), prompts.get(i), i).join().tokens())
                    .isEqualTo(replies.get(i));
        }
        List<CompletableFuture<Reply>> running = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            running.add(complete(nodes.get(0), prompts.get(i), i));
        }
        TestServer.await("a request at the node that is to die", () -> isBusy(nodes.get(2)));
        nodes.remove(2).kill();
        for (int i = 0; i < 6; i++) {
            assertThat(running.get(i).join().tokens()).as("reply %d", i).isEqualTo(replies.get(i));
        }
    }
}
