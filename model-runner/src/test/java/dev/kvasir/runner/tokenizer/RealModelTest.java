package dev.kvasir.runner.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kvasir.runner.ModelConfig.Family;
import dev.kvasir.runner.TextDecoder;
import dev.kvasir.runner.checkpoint.CheckpointLayout;
import dev.kvasir.runner.checkpoint.ModelDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holds reading against a real model, where a folder of models is named; it skips where none is. */
class RealModelTest {
    private static Path model;

    @BeforeAll
    static void find() {
        String folder = System.getProperty("kvasir.test.models", System.getenv("KVASIR_TEST_MODELS"));
        assumeTrue(
                folder != null && Files.isDirectory(Path.of(folder, "stories260k")),
                "no folder with stories260k is named by -Dkvasir.test.models or KVASIR_TEST_MODELS");
        model = Path.of(folder, "stories260k");
    }

    @Test
    void opensWithAllItsTensors(@TempDir Path cache) {
        ModelDirectory directory = ModelDirectory.open(model);
        assertThat(directory.config().family()).isEqualTo(Family.LLAMA);
        assertThat(directory.config().tiedHead()).isTrue();
        assertThat(directory.config().endTokens()).containsExactly(2);
        assertThat(directory
                        .checkpoint()
                        .tensor(CheckpointLayout.EMBEDDING, 512, 64)
                        .data()
                        .remaining())
                .isEqualTo(512 * 64 * 4);
        byte[] fingerprint = directory.fingerprint(cache);
        assertThat(directory.fingerprint(cache)).isEqualTo(fingerprint);
    }

    @Test
    void encodesThePromptsAndDecodesTheTextsOfItsGoldenFile() throws IOException {
        JsonNode golden =
                new ObjectMapper().readTree(model.resolve("golden.json").toFile());
        try (HfTokenizer tokenizer = HfTokenizer.load(model)) {
            assertThat(golden.path("cases")).isNotEmpty();
            for (JsonNode example : golden.path("cases")) {
                int[] prompt = ints(example.path("prompt_ids"));
                assertThat(tokenizer.encode(example.path("text").asText(), true))
                        .isEqualTo(prompt);
                TextDecoder decoder = tokenizer.streamDecoder(true);
                StringBuilder text = new StringBuilder();
                IntStream.of(ints(example.path("greedy_ids"))).forEach(id -> text.append(decoder.next(id)));
                text.append(decoder.finish());
                assertThat(text).hasToString(example.path("greedy_text").asText());
            }
        }
    }

    private static int[] ints(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .mapToInt(JsonNode::intValue)
                .toArray();
    }
}
