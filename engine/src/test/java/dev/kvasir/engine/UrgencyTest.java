package dev.kvasir.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.engine.serving.Generation;
import dev.kvasir.engine.serving.GenerationOptions;
import dev.kvasir.engine.serving.Node.Serving;
import dev.kvasir.engine.serving.TextDelta;
import dev.kvasir.engine.serving.Urgency;
import dev.kvasir.engine.serving.Usage;
import dev.kvasir.engine.testkit.Sse;
import dev.kvasir.engine.testkit.TestServer;
import dev.kvasir.runner.SamplingParams;
import dev.kvasir.runner.TokenLogprobs;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Priorities and deadlines of requests. */
class UrgencyTest {
    private static final String COMPLETE = "/v1/completions";
    private static final String BODY = "{\"model\":\"parrot\",\"prompt\":\"%s\",\"max_tokens\":%d%s}";

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start("scheduler.maxSequences=1");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void nothingIsLeft() {
        server.runner.resume();
        server.awaitIdle();
    }

    @Test
    void whoIsMoreUrgentIsServedFirst() throws Exception {
        ConcurrentLinkedQueue<Character> order = new ConcurrentLinkedQueue<>(); // of the prompts' first letters
        server.runner.onRow(row -> {
            if (row.from() == 0) {
                order.add((char) row.tokens()[1]);
            }
        });
        server.runner.pause();
        List<CompletableFuture<Void>> all = new ArrayList<>();
        all.add(ask("Runs", ""));
        TestServer.await("it runs", server.runner::isHolding);
        for (String[] next : new String[][] {
            {"Plain", ""}, {"Last", ",\"priority\":7"}, {"First", ",\"priority\":-3"}, {"Zero", ",\"priority\":0"}
        }) {
            int waiting = server.scheduler().stats().waiting();
            all.add(ask(next[0], next[1]));
            TestServer.await(
                    next[0] + " waits", () -> server.scheduler().stats().waiting() == waiting + 1);
        }
        server.runner.resume();
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
        server.runner.onRow(row -> {});
        assertThat(order).containsExactly('R', 'F', 'P', 'Z', 'L');
    }

    private static CompletableFuture<Void> ask(String name, String fields) {
        return server.client
                .sendAsync(
                        server.postRequest(COMPLETE, BODY.formatted(name + "x".repeat(40), 40, fields)),
                        BodyHandlers.ofString())
                .thenAccept(response ->
                        assertThat(response.statusCode()).as(response.body()).isEqualTo(200));
    }

    @Test
    void whoMayNotAdministerMayOnlyStandBack() throws Exception {
        try (TestServer keyed =
                TestServer.start("http.apiKeys=[client:client-key-1]", "http.adminKeys=[root:root-key-1]")) {
            String urgent = BODY.formatted("a", 1, ",\"priority\":-1");
            assertThat(keyed.post(COMPLETE, urgent, "authorization", "Bearer client-key-1")
                            .statusCode())
                    .isEqualTo(403);
            assertThat(keyed.post(COMPLETE, urgent, "authorization", "Bearer root-key-1")
                            .statusCode())
                    .isEqualTo(200);
            String patient = BODY.formatted("a", 1, ",\"priority\":1000");
            assertThat(keyed.post(COMPLETE, patient, "authorization", "Bearer client-key-1")
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void aDeadlineThatComesInTheQueueIsToldAndNotTriedAgain() throws Exception {
        server.runner.pause();
        HttpResponse<String> whole = server.post(COMPLETE, BODY.formatted("abc", 3, ",\"kvasir\":{\"deadline_ms\":5}"));
        assertThat(whole.statusCode()).isEqualTo(408);
        assertThat(whole.headers().firstValue("x-should-retry")).contains("false");
        assertThat(TestServer.json(whole.body()).path("error").path("code").asText())
                .isEqualTo("deadline_exceeded");
        HttpResponse<String> stream =
                server.post(COMPLETE, BODY.formatted("abc", 3, ",\"stream\":true,\"kvasir\":{\"deadline_ms\":5}"));
        assertThat(stream.statusCode()).isEqualTo(200); // it had begun
        Sse events = Sse.parse(stream.body());
        assertThat(events.events()).hasSize(1);
        assertThat(events.events().get(0).path("error").path("code").asText()).isEqualTo("deadline_exceeded");
        assertThat(events.done()).isFalse();
    }

    @Test
    void aDeadlineThatComesWhileItRunsEndsItWithWhatThereIs() throws Exception {
        server.ok(COMPLETE, BODY.formatted("warm up", 5, ""));
        server.runner.pause();
        server.runner.allow(4);
        JsonNode choice = server.ok(
                        COMPLETE,
                        BODY.formatted("abcdefgh", 8, ",\"return_token_ids\":true,\"kvasir\":{\"deadline_ms\":3000}"))
                .path("choices")
                .path(0);
        assertThat(choice.path("text").asText()).isEqualTo("abcd");
        assertThat(choice.path("finish_reason").asText()).isEqualTo("length");
        assertThat(choice.path("stop_reason").asText()).isEqualTo("deadline");
        assertThat(choice.path("token_ids")).hasSize(4);
    }

    @Test
    void aDeadlineThatDoesntComeChangesNothing() throws Exception {
        JsonNode choice = server.ok(COMPLETE, BODY.formatted("abc", 9, ",\"kvasir\":{\"deadline_ms\":86400000}"))
                .path("choices")
                .path(0);
        assertThat(choice.path("finish_reason").asText()).isEqualTo("stop");
        assertThat(choice.has("stop_reason")).isFalse();
    }

    @Test
    void allChoicesEndAtTheDeadlineThoseThatHadntBegunToo() throws Exception {
        Serving serving = Objects.requireNonNull(server.server.node().serving());
        ExecutorService owner = Executors.newSingleThreadExecutor();
        Heard heard = new Heard();
        try {
            server.runner.pause();
            Generation generation = new Generation(
                    server.server.node(),
                    serving,
                    new Generation.Caller("expires", serving.roots().rootFor("", null), 1, owner, 100),
                    List.of(new int[] {'a', 'b', 'c', 'd'}, new int[] {'x', 'y', 'z'}),
                    new GenerationOptions(
                            2,
                            SamplingParams.GREEDY,
                            4,
                            0,
                            false,
                            List.of(),
                            List.of(),
                            -1,
                            null,
                            Set.of(),
                            Urgency.NORMAL),
                    heard);
            owner.submit(generation::start).get();
            server.runner.allow(2);
            TestServer.await("two tokens", () -> heard.text.length() == 2);
            owner.submit(generation::expire).get();
            owner.submit(generation::expire).get(); // nothing more
            assertThat(heard.text.toString()).isEqualTo("ab");
            assertThat(heard.ends).containsExactly("0 LENGTH", "1 LENGTH", "2 LENGTH", "3 LENGTH");
            assertThat(heard.deadlines).containsExactly(0, 1, 2, 3);
            assertThat(heard.whole).containsExactly(2);
            server.runner.resume();
            server.awaitIdle();
            owner.submit(() -> {}).get();
            assertThat(heard.text.toString()).isEqualTo("ab");
        } finally {
            owner.shutdown();
        }
    }

    /** What was told; written by one thread, read by another when that waits. */
    private static final class Heard implements Generation.Listener {
        final StringBuffer text = new StringBuffer();
        final List<String> ends = new ArrayList<>();
        final List<Integer> deadlines = new ArrayList<>();
        final List<Integer> whole = new ArrayList<>();

        @Override
        public void onPrompt(int prompt, List<TokenLogprobs> logprobs) {}

        @Override
        public void onDelta(int choice, TextDelta delta) {
            text.append(delta.text());
        }

        @Override
        public void onDeadline(int choice) {
            deadlines.add(choice);
        }

        @Override
        public void onChoiceEnd(int choice, Generation.End end) {
            ends.add(choice + " " + end);
        }

        @Override
        public void onEnd(Usage usage) {
            whole.add(usage.completionTokens());
        }

        @Override
        public void onFailure(Generation.Failure failure) {
            ends.add(failure.name());
        }
    }
}
