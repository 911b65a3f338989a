package dev.kvasir.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.engine.config.SettingsException;
import dev.kvasir.runner.ModelConfig.Family;
import dev.kvasir.runner.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Conversations that don't fit the device, through host and disk, with a real model. */
class TiersTest {
    private static final int CONVERSATIONS = 8;
    private static final int TURNS = 4;
    private static final int TURN_TOKENS = 50;

    @TempDir
    private static Path folder;

    private static Path model;

    @BeforeAll
    static void write() throws IOException {
        model = folder.resolve("model");
        SyntheticModel.tiny(Family.LLAMA).seed(5).write(model);
    }

    /** What was said, and what of the prompts came from where. */
    private static final class Outcome {
        final List<String> replies = new ArrayList<>();
        int prompt;
        int device;
        int host;
        int disk;

        void add(JsonNode answer) {
            replies.add(answer.path("choices").path(0).path("text").asText());
            JsonNode usage = answer.path("usage");
            JsonNode cached = usage.path("prompt_tokens_details").path("cached_tokens_by_tier");
            prompt += usage.path("prompt_tokens").asInt();
            device += cached.path("device").asInt();
            host += cached.path("host").asInt();
            disk += cached.path("disk").asInt();
        }
    }

    /** Conversations in turn, two at a time; each turn's prompt is all that was said before and something new. */
    private static Outcome talk(TieredServer served) throws Exception {
        SplittableRandom random = new SplittableRandom(3);
        List<List<Integer>> said = new ArrayList<>();
        for (int i = 0; i < CONVERSATIONS; i++) {
            said.add(new ArrayList<>());
        }
        Outcome outcome = new Outcome();
        for (int turn = 0; turn < TURNS; turn++) {
            for (int i = 0; i < CONVERSATIONS; i += 2) {
                List<CompletableFuture<JsonNode>> answers = new ArrayList<>();
                for (List<Integer> prompt : said.subList(i, i + 2)) {
                    random.ints(TURN_TOKENS, 3, 300).forEach(prompt::add);
                    answers.add(served.complete(List.copyOf(prompt)));
                }
                for (int k = 0; k < 2; k++) {
                    JsonNode answer = answers.get(k).get();
                    outcome.add(answer);
                    // The reply's text needn't encode to its tokens again: what was said is made of other ones of the
                    // same number.
                    random.ints(TieredServer.REPLY_TOKENS, 3, 300).forEach(said.get(i + k)::add);
                }
            }
        }
        return outcome;
    }

    /** Device slots for two sequences and a little: 8 conversations have many times that. */
    private static String tinyDevice(Path data) throws Exception {
        try (TieredServer probe = new TieredServer(model, data, "pool.deviceBytes=8MiB")) {
            JsonNode device = probe.tiers().path(0);
            long segment = device.path("bytes").asLong()
                    / device.path("slots").path("total").asLong();
            return "pool.deviceBytes=" + segment * 40;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"through", "back"})
    void repliesAreThoseOfADeviceThatHoldsAll(String writePolicy) throws Exception {
        Path data = folder.resolve(writePolicy);
        Outcome expected;
        try (TieredServer roomy = new TieredServer(model, data, "pool.deviceBytes=64MiB")) {
            expected = talk(roomy);
        }
        String device = tinyDevice(data);
        String host = device.replace("deviceBytes", "hostBytes");
        try (TieredServer served = new TieredServer(
                model, data, device, host, "pool.diskBytes=32MiB", "pool.writePolicy=" + writePolicy)) {
            Outcome outcome = talk(served);
            assertThat(outcome.replies).isEqualTo(expected.replies);
            assertThat(outcome.disk).as("tokens from the disk").isPositive();
            assertThat(outcome.host + outcome.disk).isGreaterThan(outcome.prompt / 3);
            // Nothing is computed again that a device with room for all would not compute.
            assertThat(outcome.device + outcome.host + outcome.disk).isEqualTo(expected.device);
            for (JsonNode tier : served.tiers()) {
                assertThat(tier.path("failures")).as(tier.toString()).isEmpty();
            }
        }
    }

    @Test
    void aConversationGoesOnAfterARestart() throws Exception {
        Path data = folder.resolve("restart");
        List<Integer> prompt = new ArrayList<>();
        new SplittableRandom(8).ints(200, 3, 300).forEach(prompt::add);
        String[] settings = {"pool.deviceBytes=8MiB", "pool.diskBytes=8MiB", "pool.writePolicy=back"};
        String before;
        try (TieredServer served = new TieredServer(model, data, settings)) {
            before = text(served.complete(prompt).get());
        }
        try (TieredServer served = new TieredServer(model, data, settings)) {
            JsonNode answer = served.complete(prompt).get();
            assertThat(text(answer)).isEqualTo(before);
            assertThat(answer.at("/usage/prompt_tokens_details/cached_tokens_by_tier/disk")
                            .asInt())
                    .isEqualTo(192);
        }
    }

    @Test
    void aFileThatIsInUseOrNoStoreIsRefused() throws Exception {
        Path data = folder.resolve("refused");
        String[] settings = {"pool.deviceBytes=8MiB", "pool.diskBytes=8MiB"};
        try (TieredServer served = new TieredServer(model, data, settings)) {
            assertThat(served.tiers()).hasSize(2);
            assertThatThrownBy(() -> new TieredServer(model, data, settings).close())
                    .isInstanceOf(SettingsException.class)
                    .hasMessageContaining("segments.kv");
        }
        Path other = Files.writeString(folder.resolve("letter.txt"), "Dear reader");
        assertThatThrownBy(() -> new TieredServer(
                                model, data, "pool.deviceBytes=8MiB", "pool.diskBytes=8MiB", "pool.diskPath=" + other)
                        .close())
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("letter.txt");
        assertThat(other).hasContent("Dear reader");
    }

    private static String text(JsonNode answer) {
        return answer.path("choices").path(0).path("text").asText();
    }
}
