package dev.kvasir.engine.batch;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.engine.ServerProcess;
import dev.kvasir.engine.testkit.TestServer;
import dev.kvasir.engine.testkit.Uploads;
import dev.kvasir.runner.ModelConfig.Family;
import dev.kvasir.runner.synthetic.SyntheticModel;
import dev.kvasir.testing.RandomizedTest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server that is killed in the middle of a batch, again and again. */
class KilledBatchTest {
    private static final String COMPLETIONS = "/v1/completions";

    @TempDir
    private Path folder;

    @RandomizedTest(1)
    @Timeout(300)
    void killedThreeTimesItAnswersEachRequestOnce(SplittableRandom random) throws Exception {
        killed(3, 90, random);
    }

    @RandomizedTest(2)
    @Timeout(1800)
    @Tag("nightly")
    void killedTwentyFiveTimesItAnswersEachRequestOnce(SplittableRandom random) throws Exception {
        killed(25, 600, random);
    }

    private void killed(int times, int lines, SplittableRandom random) throws Exception {
        Path model = SyntheticModel.tiny(Family.LLAMA)
                .seed(random.nextLong())
                .layers(4)
                .write(folder.resolve("model"));
        String id = "";
        int answered = 0; // in the journal when the process was started
        JsonNode over = TestServer.json("{}");
        Map<String, String> texts = new HashMap<>(); // what each request is answered without a batch
        List<JsonNode> output = List.of();
        for (int time = 0; time <= times; time++) {
            try (ServerProcess server =
                    ServerProcess.start(folder.resolve("log-" + time), List.of(), settings(model), null)) {
                Uploads client = new Uploads(server.address(), "none");
                if (time == 0) {
                    id = client.create(client.upload(input(lines, random)), COMPLETIONS, "24h");
                }
                if (time < times) {
                    // Somewhere in this process's share of the lines, and not always right behind an answer.
                    int end = Math.min(lines - 1, answered + 1 + random.nextInt(Math.max(1, lines / times - 2)));
                    awaitCompleted(client, id, end);
                    LockSupport.parkNanos(random.nextLong(10_000_000));
                    int seen = client.batch(id).at("/request_counts/completed").asInt();
                    server.kill();
                    answered = journalled(id, lines);
                    assertThat(answered).as("answers after kill %d", time).isGreaterThanOrEqualTo(seen);
                    continue;
                }
                over = client.await(id);
                // What was answered before the last kill wasn't computed again.
                assertThat(server.metric("kvasir_request_success_total")).isEqualTo(lines - answered);
                output = client.lines(over, "output_file_id");
                for (int i = 0; i < 5; i++) {
                    int line = random.nextInt(lines);
                    texts.put(
                            "id-" + line,
                            TestServer.json(client.post(COMPLETIONS, body(line)).body())
                                    .at("/choices/0/text")
                                    .asText());
                }
                assertThat(client.json("/v1/files").path("data")).hasSize(2);
            }
        }
        assertThat(over.path("status").asText()).isEqualTo("completed");
        assertThat(over.at("/request_counts/completed").asInt()).isEqualTo(lines);
        assertThat(output).hasSize(lines);
        Set<String> ids = new HashSet<>();
        for (int line = 0; line < lines; line++) {
            JsonNode answer = output.get(line);
            assertThat(answer.path("custom_id").asText()).isEqualTo("id-" + line);
            assertThat(ids.add(answer.path("id").asText())).isTrue();
            String text = texts.get("id-" + line);
            if (text != null) {
                assertThat(answer.at("/response/body/choices/0/text").asText()).isEqualTo(text);
            }
        }
    }

    private static void awaitCompleted(Uploads client, String id, int count) {
        TestServer.await(count + " answers", () -> {
            try {
                return client.batch(id).at("/request_counts/completed").asInt() >= count;
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
    }

    private int journalled(String id, int lines) throws IOException {
        Path journal = folder.resolve("data/batches/batches/" + id + ".journal");
        try (Journal left = new Journal(journal, lines)) {
            return left.answered();
        }
    }

    private static String input(int lines, SplittableRandom random) {
        StringBuilder input = new StringBuilder();
        for (int line = 0; line < lines; line++) {
            input.append("{\"custom_id\":\"id-" + line + "\",\"method\":\"POST\",\"url\":\"" + COMPLETIONS
                    + "\",\"body\":" + body(line) + "}\n");
        }
        return input.toString();
    }

    private static String body(int line) {
        return "{\"model\":\"tiny\",\"prompt\":[" + (3 + line % 400) + ",7," + (3 + line / 400)
                + "],\"max_tokens\":60,\"temperature\":0,\"ignore_eos\":true}";
    }

    private List<String> settings(Path model) {
        return List.of(
                "http.port=0",
                "data.dir=" + folder.resolve("data"),
                "model.path=" + model,
                "model.name=tiny",
                "model.dtype=float32",
                "model.threads=1",
                "pool.deviceBytes=16MiB",
                "batches.inFlight=4");
    }
}
