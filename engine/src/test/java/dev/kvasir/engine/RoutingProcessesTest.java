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
    /** Many, so that who looks at a node while they are computed finds it at work. */
    private static final int GENERATED = 600;

    private static final int MOST_ROUNDS = 20;

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
        // Who starts hears of the others within a second or so, and until then sends them nothing.
        for (ServerProcess node : nodes) {
            TestServer.await("all peers of a node", () -> sum(node, "kvasir_cluster_peers") == nodes.size() - 1);
        }
    }

    private static <T> CompletableFuture<T> inOwnThread(Supplier<T> task) {
        return CompletableFuture.supplyAsync(task, run -> new Thread(run).start());
    }

    private static CompletableFuture<Reply> complete(ServerProcess node, List<Integer> prompt, int seed) {
        return inOwnThread(() -> {
            try {
                return node.complete(prompt, GENERATED, null, seed);
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

    private static double sum(ServerProcess node, String metric) {
        try {
            return node.metric(metric);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Asks a frontend until a node was seen at work on it, and returns what runs then. Once need not do: where processors are few, all may be over before
     * anybody looked.
     */
    private static List<CompletableFuture<Reply>> catchAtWork(
            ServerProcess front, ServerProcess node, List<List<Integer>> prompts, List<List<Integer>> replies) {
        for (int round = 0; round < MOST_ROUNDS; round++) {
            List<CompletableFuture<Reply>> running = ask(front, prompts);
            while (!running.stream().allMatch(CompletableFuture::isDone)) {
                if (isBusy(node)) {
                    return running;
                }
            }
            assertThat(tokens(running)).isEqualTo(replies);
        }
        throw new AssertionError("not seen at work in " + MOST_ROUNDS + " rounds; the frontend has "
                + sum(front, "kvasir_cluster_peers") + " peers and sent " + sum(front, "kvasir_routing_attempts_total")
                + " attempts, the node took " + sum(node, "kvasir_routing_served_total"));
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
        List<CompletableFuture<Reply>> running = catchAtWork(nodes.get(0), nodes.get(2), prompts, replies);
        nodes.remove(2).kill();
        assertThat(tokens(running)).isEqualTo(replies);
        assertThat(sum(nodes.get(0), "kvasir_routing_failed_attempts_total")).isPositive();
    }

    @RandomizedTest(1)
    @Timeout(300)
    void aFrontendLosesNoRequestWhenWorkersFreezeAndLeave(SplittableRandom random) throws Exception {
        start(random, "frontend", "mixed", "mixed");
        List<List<Integer>> prompts = prompts(random);
        List<List<Integer>> replies = tokens(ask(nodes.get(1), prompts));

        List<CompletableFuture<Reply>> running = catchAtWork(nodes.get(0), nodes.get(1), prompts, replies);
        nodes.get(1).signal("STOP");
        assertThat(tokens(running)).isEqualTo(replies);
        assertThat(sum(nodes.get(0), "kvasir_routing_failed_attempts_total")).isPositive();
        nodes.get(1).signal("CONT");

        running = catchAtWork(nodes.get(0), nodes.get(2), prompts, replies);
        nodes.remove(2).leave();
        assertThat(tokens(running)).isEqualTo(replies);
    }
}
