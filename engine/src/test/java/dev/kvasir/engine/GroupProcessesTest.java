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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Processes that compute long prompts together, and that query each other all the time: what they say is what one process alone says. */
class GroupProcessesTest {
    private static final int MOST_PROMPTS = 5;
    private static final int GENERATED = 12;
    private static final String JOINED = "kvasir_prefill_groups_joined_total";
    private static final String COMPUTED = "kvasir_prefill_groups_total{model_name=\"tiny\",outcome=\"computed\"";
    private static final String FAILED = "kvasir_prefill_groups_total{model_name=\"tiny\",outcome=\"failed\"";

    @TempDir
    private Path folder;

    private final List<ServerProcess> nodes = new ArrayList<>();
    private ServerProcess lone;

    @AfterEach
    void end() {
        nodes.forEach(ServerProcess::close);
        if (lone != null) {
            lone.close();
        }
    }

    /** Starts nodes, and one process that isn't among them. */
    private void start(int count, Path model) throws Exception {
        List<CompletableFuture<ServerProcess>> starting = new ArrayList<>();
        for (int i = 0; i <= count; i++) {
            Path log = folder.resolve("log-" + i);
            List<String> settings = settings(model, i < count);
            starting.add(inOwnThread(() -> ServerProcess.start(log, settings)));
        }
        for (int i = 0; i < count; i++) {
            nodes.add(starting.get(i).join());
        }
        lone = starting.get(count).join();
        TestServer.await("nodes that know each other", () -> sum("kvasir_cluster_peers") == count * (count - 1));
    }

    private List<String> settings(Path model, boolean cluster) {
        return List.of(
                "http.port=0",
                "data.dir=" + folder.resolve("data"),
                "model.path=" + model,
                "model.name=tiny",
                "model.dtype=float32",
                "model.threads=1",
                "pool.segmentTokens=16",
                "pool.deviceBytes=64MiB",
                "pool.prefetch=wait",
                "cluster.reads=query",
                "cluster.elastic=always",
                "cluster.elasticTokens=400",
                "cluster.enabled=" + cluster,
                "cluster.routing=round-robin");
    }

    private interface Task<T> {
        T run() throws IOException;
    }

    private static <T> CompletableFuture<T> inOwnThread(Task<T> task) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return task.run();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                run -> new Thread(run).start());
    }

    private Path tiny(SplittableRandom random) throws IOException {
        return SyntheticModel.tiny(Family.LLAMA)
                .seed(random.nextLong())
                .context(2048)
                .write(folder.resolve("model"));
    }

    @RandomizedTest(1)
    @Timeout(300)
    void threeProcessesComputeAPromptAsOneDoesEvenIfOneIsKilled(SplittableRandom random) throws Exception {
        start(3, Path.of("..", "models", "kvasir-mini").toAbsolutePath().normalize());
        List<Integer> prompt = List.of();
        Reply expected = null;
        double members = 0;
        // Only nodes that are known to be idle take part, and what is known of a node is a little old.
        for (int i = 0; i < MOST_PROMPTS && members < 2; i++) {
            prompt = tokens(1500, random);
            expected = lone.complete(prompt, GENERATED, null);
            double before = sum(JOINED);
            assertThat(nodes.get(0).complete(prompt, GENERATED, null).tokens()).isEqualTo(expected.tokens());
            members = sum(JOINED) - before;
        }
        assertThat(members).as("members beside the leader").isEqualTo(2);
        assertThat(sum(COMPUTED)).as("groups").isPositive();
        // What each node has computed is there for all.
        Reply again = nodes.get(1).complete(prompt, GENERATED, null);
        assertThat(again.tokens()).isEqualTo(expected.tokens());
        assertThat(again.cached()).isEqualTo(1488);
        TestServer.await("slots to be given back", this::isNothingHeld);

        List<Integer> longer = tokens(2000, random);
        List<Integer> alone = lone.complete(longer, GENERATED, null).tokens();
        CompletableFuture<Reply> together = inOwnThread(() -> nodes.get(0).complete(longer, GENERATED, null));
        ServerProcess victim = nodes.remove(random.nextInt(1, 3));
        double before = sum(JOINED);
        // It may be the request's own node, since any may run it: then another one does it anew.
        TestServer.await("a group", () -> sum(JOINED) > before || together.isDone());
        victim.kill();
        assertThat(together.join().tokens()).isEqualTo(alone);
        TestServer.await("slots to be given back", this::isNothingHeld);
    }

    @RandomizedTest(1)
    @Timeout(300)
    void nodesThatQueryEachOtherMakeProgress(SplittableRandom random) throws Exception {
        crossQuery(random, 20);
    }

    @RandomizedTest(1)
    @Timeout(1200)
    @Tag("nightly")
    void nodesThatQueryEachOtherMakeProgressForTenMinutes(SplittableRandom random) throws Exception {
        crossQuery(random, 600);
    }

    /** Each of two nodes has half of what the other one is asked for, and both compute long prompts together all the while. */
    private void crossQuery(SplittableRandom random, int seconds) throws Exception {
        start(2, tiny(random));
        Map<List<Integer>, List<Integer>> replies = new HashMap<>();
        List<List<Integer>> prompts = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            List<Integer> prompt = tokens(random.nextInt(150, 380), random); // shorter than what is computed together
            prompts.add(prompt);
            replies.put(prompt, lone.complete(prompt, GENERATED, null).tokens());
            nodes.get(i % 2).complete(prompt, 1, null);
        }
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        AtomicLong asked = new AtomicLong();
        AtomicLong slowest = new AtomicLong();
        List<CompletableFuture<Void>> clients = new ArrayList<>();
        for (int client = 0; client < 4; client++) {
            SplittableRandom own = random.split();
            boolean asksLong = client == 0;
            clients.add(inOwnThread(() -> {
                // Only nodes that have time compute together: where all are busy, the first prompt is when the others
                // have ended.
                while (System.nanoTime() < end || (asksLong && sum(COMPUTED) == 0)) {
                    List<Integer> prompt = asksLong ? tokens(900, own) : prompts.get(own.nextInt(prompts.size()));
                    List<Integer> expected =
                            asksLong ? lone.complete(prompt, GENERATED, null).tokens() : replies.get(prompt);
                    long begun = System.nanoTime();
                    Reply reply = nodes.get(own.nextInt(2)).complete(prompt, GENERATED, null);
                    slowest.accumulateAndGet(System.nanoTime() - begun, Math::max);
                    asked.incrementAndGet();
                    assertThat(reply.tokens()).isEqualTo(expected);
                }
                return null;
            }));
        }
        clients.forEach(CompletableFuture::join);
        for (ServerProcess node : nodes) {
            assertThat(node.metric("kvasir_queries_failed_total")).isZero();
            assertThat(node.metric("kvasir_queries_served_total{model_name=\"tiny\",outcome=\"answered\""))
                    .isPositive();
        }
        assertThat(sum(COMPUTED)).as("groups").isPositive();
        System.out.printf(
                "%d s, two processes: %d requests, the slowest %.1f s; %.0f and %.0f queries answered, %.0f postponed;"
                        + " %.0f prompts computed together, %.0f groups failed%n",
                seconds,
                asked.get(),
                slowest.get() / 1e9,
                nodes.get(0).metric("kvasir_queries_served_total"),
                nodes.get(1).metric("kvasir_queries_served_total"),
                sum("kvasir_queries_postponed_total"),
                sum(COMPUTED),
                sum(FAILED));
        assertThat(slowest.get()).isLessThan(TimeUnit.SECONDS.toNanos(10)); // what a query is waited for
        TestServer.await("slots to be given back", this::isNothingHeld);
    }

    private double sum(String metric) {
        double sum = 0;
        try {
            for (ServerProcess node : nodes) {
                sum += node.metric(metric);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return sum;
    }

    private boolean isNothingHeld() {
        try {
            for (ServerProcess node : nodes) {
                if (node.slotsInUse() > 0) {
                    return false;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return true;
    }

    private static List<Integer> tokens(int count, SplittableRandom random) {
        return random.ints(count, 3, 200).boxed().toList();
    }
}
