package dev.kvasir.runner.synthetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kvasir.runner.DType;
import dev.kvasir.runner.ModelConfig.Family;
import dev.kvasir.runner.RopeConfig;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SyntheticModelTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path directory;

    private static List<String> names(SyntheticModel model) {
        return model.tensors().stream().map(SyntheticTensor::name).toList();
    }

    @Test
    void sameSettingsGiveTheSameBytes(@TempDir Path first, @TempDir Path second) throws IOException {
        for (Path directory : List.of(first, second)) {
            SyntheticModel.tiny(Family.QWEN2)
                    .seed(7)
                    .dtype(DType.BFLOAT16)
                    .shards(3)
                    .write(directory);
        }
        try (Stream<Path> files = Files.list(first)) {
            List<Path> written = files.toList();
            assertThat(written).hasSizeGreaterThanOrEqualTo(5 + 3);
            for (Path file : written) {
                assertThat(Files.mismatch(file, second.resolve(file.getFileName())))
                        .as(file.toString())
                        .isEqualTo(-1);
            }
        }
    }

    @Test
    void familiesHaveTheTensorsOfThePublishedModels() {
        assertThat(names(SyntheticModel.tiny(Family.LLAMA)))
                .hasSize(3 + 2 * 9)
                .contains("lm_head.weight", "model.layers.1.mlp.down_proj.weight")
                .noneMatch(name -> name.endsWith(".bias"));
        assertThat(names(SyntheticModel.tiny(Family.LLAMA)
                        .attentionBias(true)
                        .mlpBias(true)
                        .tied(true)))
                .hasSize(2 + 2 * 16)
                .contains("model.layers.0.self_attn.o_proj.bias", "model.layers.0.mlp.gate_proj.bias");
        assertThat(names(SyntheticModel.tiny(Family.QWEN2)))
                .contains("model.layers.0.self_attn.k_proj.bias")
                .doesNotContain("model.layers.0.self_attn.o_proj.bias");
        assertThat(names(SyntheticModel.tiny(Family.QWEN3))).contains("model.layers.1.self_attn.q_norm.weight");
    }

    @Test
    void headsNeedNotDivideTheHiddenSize() throws IOException {
        SyntheticModel model = SyntheticModel.tiny(Family.QWEN3).heads(6, 3, 10);
        model.write(directory);
        JsonNode config = JSON.readTree(directory.resolve("config.json").toFile());
        assertThat(config.at("/head_dim").asInt()).isEqualTo(10);
        assertThat(model.tensors())
                .filteredOn(tensor -> tensor.name().equals("model.layers.0.self_attn.q_proj.weight"))
                .singleElement()
                .satisfies(tensor -> assertThat(tensor.shape()).containsExactly(60, 64));
    }

    @Test
    void configReadsAsHuggingFaceWritesIt() throws IOException {
        SyntheticModel.tiny(Family.LLAMA)
                .dtype(DType.FLOAT16)
                .rope(new RopeConfig(500_000, RopeConfig.Scaling.LLAMA3, 8, 1, 4, 256))
                .write(directory);
        JsonNode config = JSON.readTree(directory.resolve("config.json").toFile());
        assertThat(config.at("/architectures/0").asText()).isEqualTo("LlamaForCausalLM");
        assertThat(config.at("/rms_norm_eps").asDouble()).isEqualTo(1e-5);
        assertThat(config.has("head_dim")).isFalse();
        assertThat(config.at("/rope_scaling").toString())
                .isEqualTo("{\"rope_type\":\"llama3\",\"factor\":8.0,\"low_freq_factor\":1.0,\"high_freq_factor\":4.0,"
                        + "\"original_max_position_embeddings\":256}");
        assertThat(config.at("/torch_dtype").asText()).isEqualTo("float16");
        assertThat(config.at("/eos_token_id").asInt()).isEqualTo(511);
        JsonNode generation =
                JSON.readTree(directory.resolve("generation_config.json").toFile());
        assertThat(generation.at("/eos_token_id").toString()).isEqualTo("[511,509]");
    }

    @Test
    void sentencePieceModelsBeginWithBos() throws IOException {
        SyntheticModel model =
                SyntheticModel.tiny(Family.MISTRAL).tokenizer(SyntheticModel.TokenizerKind.SENTENCE_PIECE);
        model.write(directory);
        JsonNode config = JSON.readTree(directory.resolve("config.json").toFile());
        assertThat(config.at("/bos_token_id").asInt()).isEqualTo(1);
        assertThat(config.at("/sliding_window").isNull()).isTrue();
        assertThat(model.config().bosToken()).isEqualTo(1);
        assertThat(model.config().endTokens()).containsExactly(2);
    }

    @Test
    void namedShapesHaveThePublishedParameterCounts() {
        assertThat(parameters("qwen2.5-0.5b")).isEqualTo(494_032_768L);
        assertThat(parameters("llama-3.2-1b")).isEqualTo(1_235_814_400L);
        assertThat(ModelShapes.named("gpt-2")).isEmpty();
    }

    private static long parameters(String title) {
        return SyntheticModel.of(ModelShapes.named(title).orElseThrow()).tensors().stream()
                .mapToLong(SyntheticTensor::elements)
                .sum();
    }

    @Test
    void refusesToOverwriteWeights() throws IOException {
        Path weights = Files.writeString(directory.resolve("model-00001-of-00002.safetensors"), "precious");
        assertThatThrownBy(() -> SyntheticModel.tiny(Family.LLAMA).write(directory))
                .isInstanceOf(FileAlreadyExistsException.class)
                .hasMessageContaining("model-00001-of-00002.safetensors");
        assertThat(weights).hasContent("precious");
        assertThat(directory.resolve("config.json")).doesNotExist();
    }

    @Test
    void refusesBiasesThatTheFamilyDoesNotHave() {
        assertThatThrownBy(() ->
                        SyntheticModel.tiny(Family.MISTRAL).attentionBias(true).config())
                .hasMessageContaining("MISTRAL has no such biases");
    }
}
