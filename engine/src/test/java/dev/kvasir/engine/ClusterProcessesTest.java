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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Several processes with one pool, on a real model: what they say is what one process says, whatever happens to the others. */
class ClusterProcessesTest {
    private static final int SEGMENT = 16;
    private static final int GENERATED = 12;
    private static final int TURNS = 5;

    @TempDir
    private Path folder;

    private final List<ServerProcess> nodes = new ArrayList<>();
    private int salts;

    @AfterEach
    void end() {
        nodes.forEach(ServerProcess::close);
    }

    /** @param reads how segments of other nodes are read: query, fetch or auto */
    private void start(int count, String reads, SplittableRandom random) throws Exception {
        Path model = SyntheticModel.tiny(Family.LLAMA).seed(random.nextLong()).write(folder.resolve("model"));
        List<CompletableFuture<ServerProcess>> starting = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Path log = folder.resolve("log-" + i);
            starting.add(CompletableFuture.supplyAsync(
                    () -> {
                        try {
                            return ServerProcess.start(log, settings(model, reads));
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    },
                    task -> new Thread(task).start()));
        }
        for (CompletableFuture<ServerProcess> next : starting) {
            nodes.add(next.join());
        }
    }

    private List<String> settings(Path model, String reads) {
        return List.of(
                "http.port=0",
                "data.dir=" + folder.resolve("data"),
                "model.path=" + model,
                "model.name=tiny",
                "model.dtype=float32",
                "model.threads=1",
                "pool.segmentTokens=" + SEGMENT,
                "pool.deviceBytes=8MiB",
                "pool.prefetch=wait",
                "cluster.reads=" + reads,
                "cluster.enabled=true",
                "cluster.routing=round-robin"); // so that requests come to nodes that don't have their prefix
    }

    @RandomizedTest(1)
    @Timeout(300)
    void aConversationOverThreeProcessesIsThatOfOne(SplittableRandom random) throws Exception {
        start(3, "query", random);
        conversations(3, random);
    }

    @RandomizedTest(3)
    @Timeout(900)
    @Tag("nightly")
    void aConversationOverFiveProcessesIsThatOfOne(SplittableRandom random) throws Exception {
        start(5, "query", random);
        conversations(10, random);
    }

    private void conversations(int count, SplittableRandom random) throws IOException {
        int remote = 0;
        int found = 0;
        int couldBeFound = 0;
        int segments = 0;
        for (int i = 0; i < count; i++) {
            List<Integer> text = tokens(40, random);
            int before = 0; // tokens of the turn before that have keys and values
            for (int turn = 0; turn < TURNS; turn++) {
                Integer seed = random.nextBoolean() ? null : random.nextInt(1000);
                Reply reply = node(random).complete(text, GENERATED, null, seed);
                // Under a salt of its own nothing is found: this is what one process computes.
                Reply alone = nodes.get(0).complete(text, GENERATED, "salt " + salts++, seed);
                assertThat(alone.cached()).isZero();
                assertThat(reply.tokens())
                        .as("conversation %d, turn %d", i, turn)
                        .isEqualTo(alone.tokens());
                segments += (text.size() + GENERATED - 1) / SEGMENT;
                remote += reply.remote();
                found += reply.cached();
                couldBeFound += before / SEGMENT * SEGMENT;
                before = text.size() + GENERATED - 1;
                text.addAll(reply.tokens());
                if (turn == TURNS - 1) {
                    segments += (text.size() - 1) / SEGMENT;
                } else {
                    text.addAll(tokens(15, random));
                }
            }
        }
        assertThat(remote).as("tokens read on other nodes").isPositive();
        // What a node has just sealed may not have reached another node's view yet.
        assertThat(found).isBetween(couldBeFound - count * TURNS * SEGMENT, couldBeFound);
        int expected = segments;
        TestServer.await("each segment to lie on one node", () -> total() == expected);
    }

    private int total() {
        int sum = 0;
        try {
            for (ServerProcess node : nodes) {
                if (node.slotsInUse() > 0) {
                    return -1;
                }
                sum += node.segments();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return sum;
    }

    @RandomizedTest(1)
    @Timeout(300)
    void whenAProcessIsKilledTheOthersGoOnWithTheRightTokens(SplittableRandom random) throws Exception {
        start(3, "query", random);
        List<List<Integer>> prompts = new ArrayList<>();
        List<List<Integer>> replies = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            prompts.add(tokens(100, random));
            // Everywhere, so that each node has some of the segments.
            replies.add(nodes.get(i % 3).complete(prompts.get(i), 150, null).tokens());
        }
        List<CompletableFuture<Reply>> running = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
            List<Integer> prompt = prompts.get(i);
            ServerProcess node = nodes.get(i % 2);
            running.add(CompletableFuture.supplyAsync(
                    () -> {
                        try {
                            return node.complete(prompt, 150, null);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    },
                    task -> new Thread(task).start()));
        }
        nodes.remove(2).kill();
        for (int i = 0; i < prompts.size(); i++) {
            assertThat(running.get(i).join().tokens()).as("reply %d", i).isEqualTo(replies.get(i));
        }
        for (int i = 0; i < prompts.size(); i++) {
            assertThat(nodes.get(i % 2).complete(prompts.get(i), 150, null).tokens())
                    .isEqualTo(replies.get(i));
        }
        TestServer.await("slots to be given back", () -> total() > 0);
    }

    @RandomizedTest(1)
    @Timeout(300)
    void whenAProcessFreezesTheOthersGoOnAndSoDoesItWhenItThaws(SplittableRandom random) throws Exception {
        start(2, "auto", random);
        List<Integer> prompt = tokens(100, random);
        List<Integer> reply = nodes.get(1).complete(prompt, 20, null).tokens();
        nodes.get(1).signal("STOP");
        assertThat(nodes.get(0).complete(prompt, 20, null).tokens()).isEqualTo(reply);
        nodes.get(1).signal("CONT");
        assertThat(nodes.get(1).complete(prompt, 20, null).tokens()).isEqualTo(reply);
        assertThat(nodes.get(0).complete(prompt, 20, null).tokens()).isEqualTo(reply);
        TestServer.await("slots to be given back", () -> total() > 0);
    }

    private ServerProcess node(SplittableRandom random) {
        return nodes.get(random.nextInt(nodes.size()));
    }

    private static List<Integer> tokens(int count, SplittableRandom random) {
        return new ArrayList<>(random.ints(count, 3, 200).boxed().toList());
    }
}
