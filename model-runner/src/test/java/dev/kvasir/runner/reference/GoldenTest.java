package dev.kvasir.runner.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kvasir.runner.DType;
import dev.kvasir.runner.ModelConfig;
import dev.kvasir.runner.RopeConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A trained model and what it is known to say. Looks for {@code stories260k/} (config.json, model.safetensors, golden.json) in the folder
 * that the system property {@code kvasir.test.models} or the variable {@code KVASIR_TEST_MODELS} names.
 */
final class GoldenTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static Path folder() {
        String models = System.getProperty("kvasir.test.models", System.getenv("KVASIR_TEST_MODELS"));
        assumeTrue(models != null, "neither kvasir.test.models nor KVASIR_TEST_MODELS names a folder of models");
        Path folder = Path.of(models, "stories260k");
        assumeTrue(Files.isDirectory(folder), "there is no folder " + folder);
        return folder;
    }

    private static ModelConfig read(Path file) throws IOException {
        JsonNode json = JSON.readTree(file.toFile());
        int hidden = json.get("hidden_size").asInt();
        int heads = json.get("num_attention_heads").asInt();
        return new ModelConfig(
                ModelConfig.Family.LLAMA,
                hidden,
                json.get("intermediate_size").asInt(),
                json.get("num_hidden_layers").asInt(),
                heads,
                json.get("num_key_value_heads").asInt(),
                hidden / heads,
                json.get("vocab_size").asInt(),
                json.get("max_position_embeddings").asInt(),
                (float) json.get("rms_norm_eps").asDouble(),
                RopeConfig.plain(json.get("rope_theta").asDouble()),
                false,
                false,
                false,
                false,
                json.get("tie_word_embeddings").asBoolean(),
                1,
                List.of(2),
                DType.FLOAT32);
    }

    @Test
    void aTrainedModelSaysWhatItIsKnownToSay() throws IOException {
        Path folder = folder();
        ReferenceModel model = new ReferenceModel(read(folder.resolve("config.json")), TestCheckpoint.read(folder));
        JsonNode cases = JSON.readTree(folder.resolve("golden.json").toFile()).get("cases");
        assertThat(cases.size()).isPositive();
        for (JsonNode golden : cases) {
            int[] prompt = JSON.convertValue(golden.get("prompt_ids"), int[].class);
            int[] greedy = JSON.convertValue(golden.get("greedy_ids"), int[].class);
            int[] all = Arrays.copyOf(prompt, prompt.length + greedy.length);
            System.arraycopy(greedy, 0, all, prompt.length, greedy.length);

            // One pass over prompt and answer shows each choice: attention is causal.
            double[][] logits = model.logits(all);
            for (int i = 0; i < greedy.length; i++) {
                assertThat(ReferenceModel.argmax(logits[prompt.length - 1 + i]))
                        .as("token %d after \"%s\"", i, golden.get("text").asText())
                        .isEqualTo(greedy[i]);
            }
            assertTopLogits(logits[prompt.length - 1], golden.get("last_logits_top5"));
        }
    }

    @Test
    void greedyWritesTheKnownText() throws IOException {
        Path folder = folder();
        ReferenceModel model = new ReferenceModel(read(folder.resolve("config.json")), TestCheckpoint.read(folder));
        JsonNode golden = JSON.readTree(folder.resolve("golden.json").toFile()).at("/cases/0");
        int[] prompt = JSON.convertValue(golden.get("prompt_ids"), int[].class);
        int[] expected = JSON.convertValue(golden.get("greedy_ids"), int[].class);
        assertThat(model.greedy(prompt, 16)).containsExactly(Arrays.copyOf(expected, 16));
    }

    private static void assertTopLogits(double[] logits, JsonNode top) {
        double[] logProbabilities = ReferenceModel.logSoftmax(logits);
        assertThat(top.size()).isEqualTo(5);
        for (JsonNode row : top) {
            int token = row.get(0).asInt();
            assertThat(logits[token]).isCloseTo(row.get(1).asDouble(), within(1e-4));
            assertThat(logProbabilities[token]).isCloseTo(row.get(2).asDouble(), within(1e-4));
        }
    }
}
