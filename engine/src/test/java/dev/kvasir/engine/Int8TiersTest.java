package dev.kvasir.engine;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.runner.ModelConfig.Family;
import dev.kvasir.runner.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Tiers below the device that keep their segments in int8, with a real model. */
class Int8TiersTest {
    private static final int SEGMENT = TieredServer.SEGMENT;
    private static final String INT8 = "pool.storedDtype=int8";

    @TempDir
    private static Path folder;

    private static Path model;

    @BeforeAll
    static void write() throws IOException {
        model = folder.resolve("model");
        SyntheticModel.tiny(Family.LLAMA).seed(5).write(model);
    }

    private static int cached(JsonNode answer, String tier) {
        return answer.at("/usage/prompt_tokens_details/cached_tokens_by_tier/" + tier)
                .asInt();
    }

    private static long slotBytes(JsonNode tier) {
        return tier.path("bytes").asLong() / tier.path("slots").path("total").asLong();
    }

    private static List<Integer> prompt(int seed, int tokens) {
        return new SplittableRandom(seed).ints(tokens, 3, 300).boxed().toList();
    }

    @Test
    void repliesComeFromAHostThatHoldsThreeTimesAsMuchInItsMemory() throws Exception {
        Path data = folder.resolve("host");
        long deviceSlot;
        try (TieredServer probe = new TieredServer(model, data, "pool.deviceBytes=8MiB")) {
            deviceSlot = slotBytes(probe.tiers().path(0));
        }
        // Room for one and a half of the prompts at a time on the device, and for all in the host tier, if it is int8.
        int prompts = 8;
        int segments = 10;
        long host = deviceSlot * (segments + 2) * prompts * 2 / 5;
        try (TieredServer served = new TieredServer(
                model,
                data,
                "pool.deviceBytes=" + deviceSlot * 16,
                "pool.hostBytes=" + host,
                "pool.writePolicy=back",
                INT8)) {
            int fromHost = 0;
            for (int round = 0; round < 2; round++) {
                for (int i = 0; i < prompts; i++) {
                    JsonNode answer =
                            served.complete(prompt(i, segments * SEGMENT + 5)).get();
                    JsonNode choice = answer.path("choices").path(0);
                    assertThat(choice.path("text").asText()).isNotEmpty();
                    assertThat(choice.path("finish_reason").asText()).isEqualTo("length");
                    assertThat(answer.at("/usage/completion_tokens").asInt()).isEqualTo(TieredServer.REPLY_TOKENS);
                    fromHost += cached(answer, "host");
                }
            }
            // All but what a moment of slowness made the pool compute instead; exact slots would have lost each prompt
            // before it came again.
            assertThat(fromHost).isGreaterThan(prompts * segments * SEGMENT / 2);
            JsonNode tiers = served.tiers();
            // float32 heads of 16: 16 + 4 bytes instead of 64.
            assertThat(slotBytes(tiers.path(1)) * 64).isEqualTo(deviceSlot * 20);
            for (JsonNode tier : tiers) {
                assertThat(tier.path("failures")).as(tier.toString()).isEmpty();
            }
        }
    }

    @Test
    void exactAndInt8SegmentsAreNeverTakenForEachOther() throws Exception {
        Path data = folder.resolve("both");
        List<Integer> prompt = prompt(9, 200);
        String[] exact = {"pool.deviceBytes=8MiB", "pool.diskBytes=8MiB", "pool.writePolicy=back"};
        String[] int8 = {exact[0], exact[1], exact[2], INT8};
        assertThat(diskTokensAndWarnings(data, prompt, exact)).containsExactly("0");
        assertThat(diskTokensAndWarnings(data, prompt, exact)).containsExactly("192");
        assertThat(diskTokensAndWarnings(data, prompt, int8))
                .hasSize(2)
                .contains("0")
                .anySatisfy(Int8TiersTest::saysThatItStartedAfresh);
        assertThat(diskTokensAndWarnings(data, prompt, int8)).containsExactly("192");
        assertThat(diskTokensAndWarnings(data, prompt, exact))
                .hasSize(2)
                .contains("0")
                .anySatisfy(Int8TiersTest::saysThatItStartedAfresh);
    }

    private static void saysThatItStartedAfresh(String warning) {
        assertThat(warning).contains("segments.kv", "dropped", "has segments of");
    }

    /** Serves a prompt once and returns how many of its tokens came from the disk, and what the wiring of the pool warned of. */
    private static List<String> diskTokensAndWarnings(Path data, List<Integer> prompt, String... settings)
            throws Exception {
        Logger logger = (Logger) LoggerFactory.getLogger(PoolWiring.class);
        ListAppender<ILoggingEvent> appender = new ListAppender<>();
        appender.start();
        logger.addAppender(appender);
        List<String> result = new ArrayList<>();
        try (TieredServer served = new TieredServer(model, data, settings)) {
            result.add(Integer.toString(cached(served.complete(prompt).get(), "disk")));
        } finally {
            logger.detachAppender(appender);
        }
        appender.list.stream()
                .filter(event -> event.getLevel() == Level.WARN)
                .forEach(event -> result.add(event.getFormattedMessage()));
        return result;
    }
}
