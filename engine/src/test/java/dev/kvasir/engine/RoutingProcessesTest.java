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
    private static final int REQUESTS = 6;

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

    private List<List<Integer>> prompts(SplittableRandom random) {
        List<List<Integer>> prompts = new ArrayList<>();
        for (int i = 0; i < REQUESTS; i++) {
            prompts.add(new ArrayList<>(random.ints(60, 3, 200).boxed().toList()));
        }
        return prompts;
    }

    private static List<List<Integer>> tokens(List<CompletableFuture<Reply>> running) {
        return running.stream().map(reply -> reply.join().tokens()).toList();
    }

    private static List<CompletableFuture<Reply>> ask(ServerProcess node, List<List<Integer>> prompts) {
        List<CompletableFuture<Reply>> running = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
            running.add(complete(node, prompts.get(i), i));
        }
        return running;
    }

    @RandomizedTest(1)
    @Timeout(300)
    void aFrontendLosesNoRequestWhenAWorkerIsKilled(SplittableRandom random) throws Exception {
        start(random, "frontend", "mixed", "mixed", "pool");
        List<List<Integer>> prompts = prompts(random);
        List<List<Integer>> replies = tokens(ask(nodes.get(1), prompts));
        assertThat(tokens(ask(nodes.get(3), prompts)))
                .as("by the door of a node that only holds segments")
                .isEqualTo(replies);
        List<CompletableFuture<Reply>> running = ask(nodes.get(0), prompts);
        TestServer.await("a request at the node that is to die", () -> isBusy(nodes.get(2)));
        nodes.remove(2).kill();
        assertThat(tokens(running)).isEqualTo(replies);
    }

    @RandomizedTest(1)
    @Timeout(300)
    void aFrontendLosesNoRequestWhenWorkersFreezeAndLeave(SplittableRandom random) throws Exception {
        start(random, "frontend", "mixed", "mixed");
        List<List<Integer>> prompts = prompts(random);
        List<List<Integer>> replies = tokens(ask(nodes.get(1), prompts));

        List<CompletableFuture<Reply>> running = ask(nodes.get(0), prompts);
        TestServer.await("a request at the node that is to freeze", () -> isBusy(nodes.get(1)));
        nodes.get(1).signal("STOP");
        assertThat(tokens(running)).isEqualTo(replies);
        nodes.get(1).signal("CONT");

        running = ask(nodes.get(0), prompts);
        TestServer.await("a request at the node that is to leave", () -> isBusy(nodes.get(2)));
        nodes.remove(2).leave();
        assertThat(tokens(running)).isEqualTo(replies);
    }
}
