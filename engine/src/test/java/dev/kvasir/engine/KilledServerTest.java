package dev.kvasir.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.engine.ServerProcess.Reply;
import dev.kvasir.engine.testkit.TestServer;
import dev.kvasir.runner.ModelConfig.Family;
import dev.kvasir.runner.synthetic.SyntheticModel;
import dev.kvasir.testing.RandomizedTest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server that is killed while it writes segments to its disk, again and again, over the same file. */
class KilledServerTest {
    private static final int SEGMENT = 16;
    private static final int SEGMENT_BYTES =
            4 * 2 * 2 * SEGMENT * 64 * Float.BYTES; // layers, K and V, KV heads, tokens, head
    private static final int CLIENTS = 4;
    private static final int CONVERSATIONS = 4; // of each client
    private static final int TURN_TOKENS = 60;
    private static final int LONGEST = 300;
    private static final int CHECKED = 8; // prompts after each restart
    private static final int DAMAGED_SHARE = 12;

    @TempDir
    private Path folder;

    /** What was seen over all restarts. */
    private static final class Seen {
        int tornByKill;
        int badWhenRead;
        int diskTokens;
    }

    @RandomizedTest(1)
    @Timeout(300)
    void killedFiveTimesItStartsAgainAndEveryHitSaysWhatRecomputationSays(SplittableRandom random) throws Exception {
        killed(5, random);
    }

    @RandomizedTest(1)
    @Timeout(3000)
    @Tag("nightly")
    void killedFiftyTimesItStartsAgainAndEveryHitSaysWhatRecomputationSays(SplittableRandom random) throws Exception {
        killed(50, random);
    }

    private void killed(int times, SplittableRandom random) throws Exception {
        // Larger segments than a tiny model's own: their writes take longer.
        Path model = SyntheticModel.tiny(Family.LLAMA)
                .seed(random.nextLong())
                .layers(4)
                .heads(4, 2, 64)
                .write(folder.resolve("model"));
        Path file = folder.resolve("segments.kv");
        List<List<Integer>> asked = new CopyOnWriteArrayList<>();
        Seen seen = new Seen();
        int damaged = 0;
        for (int time = 0; time <= times; time++) {
            try (ServerProcess server = ServerProcess.start(folder.resolve("log-" + time), settings(model, file))) {
                assertThat(server.complaints()).doesNotContain("of no use", "ERROR");
                assertThat(server.diskFailures("torn"))
                        .as("torn records after kill %d", time)
                        .isEqualTo(damaged);
                check(server, asked, random, seen);
                if (time < times) {
                    talkUntilKilled(server, asked, random);
                }
            }
            damaged = damage(file, random, seen);
        }
        assertThat(seen.diskTokens).as("tokens found on the disk").isPositive();
        assertThat(seen.badWhenRead).as("records found damaged when read").isPositive();
        System.out.println(times + " kills: " + seen.tornByKill + " records torn by them, " + seen.badWhenRead
                + " damaged ones found when read, " + seen.diskTokens + " tokens from the disk");
    }

    private List<String> settings(Path model, Path file) {
        return List.of(
                "http.port=0",
                "data.dir=" + folder.resolve("data"),
                "model.path=" + model,
                "model.name=tiny",
                "model.dtype=float32",
                "model.threads=1",
                "pool.segmentTokens=" + SEGMENT,
                "pool.deviceBytes=" + 104L * SEGMENT_BYTES,
                "pool.hostBytes=" + 16L * SEGMENT_BYTES,
                "pool.diskBytes=" + 600L * SEGMENT_BYTES,
                "pool.diskPath=" + file,
                "pool.writePolicy=back",
                "pool.prefetch=wait",
                "pool.ioThreads=8",
                "scheduler.maxSequences=" + CLIENTS);
    }

    /** Compares what some of the latest prompts get from the cache with what they get without it. */
    private static void check(ServerProcess server, List<List<Integer>> asked, SplittableRandom random, Seen seen)
            throws IOException {
        int latest = Math.min(asked.size(), 8 * CHECKED);
        for (int i = 0; i < Math.min(CHECKED, latest); i++) {
            List<Integer> prompt = asked.get(asked.size() - 1 - random.nextInt(latest));
            Reply cached = server.complete(prompt, 8, null);
            Reply computed = server.complete(prompt, 8, "never used before " + random.nextLong());
            assertThat(computed.cached()).isZero();
            assertThat(cached.tokens())
                    .as("reply to %d tokens, %d of them from the disk", prompt.size(), cached.fromDisk())
                    .hasSize(8)
                    .isEqualTo(computed.tokens());
            seen.diskTokens += cached.fromDisk();
        }
        seen.badWhenRead += server.diskFailures("bad");
    }

    /** Has clients talk, all at once, and kills the server after some answers. */
    private static void talkUntilKilled(ServerProcess server, List<List<Integer>> asked, SplittableRandom random) {
        int end = asked.size() + random.nextInt(60, 160);
        List<CompletableFuture<Void>> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            SplittableRandom own = random.split();
            clients.add(CompletableFuture.runAsync(() -> talk(server, asked, own), task -> new Thread(task).start()));
        }
        TestServer.await(
                "enough requests", () -> asked.size() >= end || clients.stream().anyMatch(CompletableFuture::isDone));
        // Not always right behind a request.
        LockSupport.parkNanos(random.nextLong(20_000_000));
        assertThat(clients).as("clients whose server is alive").noneMatch(CompletableFuture::isDone);
        server.kill();
        CompletableFuture.allOf(clients.toArray(CompletableFuture[]::new)).join();
    }

    /** Conversations in turn, each turn's prompt all that was said before and something new, until nobody answers any more. */
    private static void talk(ServerProcess server, List<List<Integer>> asked, SplittableRandom random) {
        List<List<Integer>> said = new ArrayList<>();
        for (int i = 0; i < CONVERSATIONS; i++) {
            said.add(new ArrayList<>());
        }
        while (true) {
            List<Integer> conversation = said.get(random.nextInt(CONVERSATIONS));
            if (conversation.size() > LONGEST) {
                conversation.clear();
            }
            random.ints(TURN_TOKENS, 3, 500).forEach(conversation::add);
            List<Integer> prompt = List.copyOf(conversation);
            asked.add(prompt);
            try {
                conversation.addAll(server.complete(prompt, 4, null).tokens());
            } catch (IOException gone) {
                return;
            }
        }
    }

    /**
     * Does to some records what a power failure or a bad disk might, since the system keeps what a killed process has written.
     *
     * @return how many records the next start should find torn: those that were being written, and one more
     */
    private static int damage(Path file, SplittableRandom random, Seen seen) throws IOException {
        try (SegmentFile segments = new SegmentFile(file)) {
            int torn = segments.torn();
            seen.tornByKill += torn;
            List<Integer> whole = new ArrayList<>(segments.sealed());
            assertThat(whole).as("records on the disk").hasSizeGreaterThan(DAMAGED_SHARE);
            segments.flipHeader(whole.remove(random.nextInt(whole.size())));
            for (int i = 0; i < whole.size() / DAMAGED_SHARE; i++) {
                segments.flipPayload(whole.remove(random.nextInt(whole.size())));
            }
            return torn + 1;
        }
    }
}
