package dev.kvasir.runner.checkpoint;

import static dev.kvasir.runner.checkpoint.TestModels.ABSENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvasir.runner.DType;
import dev.kvasir.runner.ModelConfig;
import dev.kvasir.runner.ModelConfig.Family;
import dev.kvasir.runner.ModelLoadException;
import dev.kvasir.runner.RopeConfig;
import dev.kvasir.runner.RopeConfig.Scaling;
import dev.kvasir.testing.RandomizedTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigReaderTest {
    private static final String LLAMA = "LlamaForCausalLM";
    private static final String MISTRAL = "MistralForCausalLM";
    private static final String QWEN2 = "Qwen2ForCausalLM";
    private static final String QWEN3 = "Qwen3ForCausalLM";

    @TempDir
    Path directory;

    @Test
    void readsEveryFieldOfALlamaConfig() throws IOException {
        ModelConfig config = read(
                LLAMA,
                "rms_norm_eps",
                1e-5,
                "rope_theta",
                500000.0,
                "tie_word_embeddings",
                true,
                "attention_bias",
                true,
                "mlp_bias",
                true,
                "bos_token_id",
                3,
                "eos_token_id",
                List.of(4, 5),
                "torch_dtype",
                "bfloat16");
        assertThat(config)
                .isEqualTo(new ModelConfig(
                        Family.LLAMA,
                        8,
                        12,
                        2,
                        2,
                        1,
                        4,
                        16,
                        64,
                        1e-5f,
                        RopeConfig.plain(500000),
                        true,
                        true,
                        true,
                        false,
                        true,
                        3,
                        List.of(4, 5),
                        DType.BFLOAT16));
    }

    @Test
    void absentFieldsHaveTheDefaultsOfTheFamily() throws IOException {
        Object[] sparse = {
            "head_dim", ABSENT, "num_key_value_heads", ABSENT, "num_attention_heads", 4, "hidden_size", 256
        };
        ModelConfig llama = read(LLAMA, sparse);
        assertThat(llama.kvHeads()).isEqualTo(4);
        assertThat(llama.headDim()).isEqualTo(64);
        assertThat(llama.normEpsilon()).isEqualTo(1e-6f);
        assertThat(llama.rope()).isEqualTo(RopeConfig.plain(10000));
        assertThat(llama.tiedHead()).isFalse();
        assertThat(llama.qkvBias()).isFalse();
        assertThat(llama.bosToken()).isEqualTo(1);
        assertThat(llama.endTokens()).containsExactly(2);
        assertThat(llama.storedDtype()).isEqualTo(DType.FLOAT32);

        sparse[5] = 32;
        ModelConfig mistral = read(MISTRAL, sparse);
        assertThat(mistral.kvHeads()).isEqualTo(8);
        ModelConfig qwen2 = read(QWEN2, sparse);
        assertThat(qwen2.kvHeads()).isEqualTo(32);
        assertThat(qwen2.headDim()).isEqualTo(8);
        assertThat(qwen2.bosToken()).isNull();
        assertThat(qwen2.endTokens()).isEmpty();
        ModelConfig qwen3 = read(QWEN3, sparse);
        assertThat(qwen3.headDim()).isEqualTo(128);
    }

    @Test
    void kvHeadsThatAreNullAreAsManyAsHeads() throws IOException {
        assertThat(read(MISTRAL, "num_key_value_heads", null).kvHeads()).isEqualTo(2);
    }

    @Test
    void familiesDifferInBiasAndNorm() throws IOException {
        ModelConfig qwen2 = read(QWEN2, "attention_bias", false);
        assertThat(qwen2.qkvBias()).isTrue();
        assertThat(qwen2.outputBias()).isFalse();
        assertThat(qwen2.qkNorm()).isFalse();
        ModelConfig qwen3 = read(QWEN3, "attention_bias", true);
        assertThat(qwen3.qkvBias()).isTrue();
        assertThat(qwen3.outputBias()).isTrue();
        assertThat(qwen3.qkNorm()).isTrue();
        ModelConfig mistral = read(MISTRAL, "attention_bias", true);
        assertThat(mistral.qkvBias()).isFalse();
    }

    @Test
    void modelTypeServesWhereNoArchitectureIsNamed() throws IOException {
        assertThat(read(LLAMA, "architectures", ABSENT, "model_type", "qwen3").family())
                .isEqualTo(Family.QWEN3);
    }

    @Test
    void endTokensComeFromTheGenerationConfigFirst() throws IOException {
        TestModels.write(directory, "generation_config.json", "{\"eos_token_id\": [7, 8, 7]}");
        assertThat(read(LLAMA, "eos_token_id", 2).endTokens()).containsExactly(7, 8);
        TestModels.write(directory, "generation_config.json", "{\"eos_token_id\": 9}");
        assertThat(read(LLAMA, "eos_token_id", 2).endTokens()).containsExactly(9);
        TestModels.write(directory, "generation_config.json", "{}");
        assertThat(read(LLAMA, "eos_token_id", 2).endTokens()).containsExactly(2);
    }

    @Test
    void readsRopeInAllItsForms() throws IOException {
        assertThat(read(LLAMA, "rope_scaling", null).rope()).isEqualTo(RopeConfig.plain(10000));
        assertThat(read(LLAMA, "rope_scaling", Map.of("type", "default")).rope())
                .isEqualTo(RopeConfig.plain(10000));
        RopeConfig linear = new RopeConfig(10000, Scaling.LINEAR, 2, 1, 1, 1);
        assertThat(read(LLAMA, "rope_scaling", Map.of("type", "linear", "factor", 2.0))
                        .rope())
                .isEqualTo(linear);
        assertThat(read(LLAMA, "rope_scaling", Map.of("rope_type", "linear", "factor", 2))
                        .rope())
                .isEqualTo(linear);
        Map<String, Object> llama3 = Map.of(
                "rope_type",
                "llama3",
                "factor",
                8.0,
                "low_freq_factor",
                1.0,
                "high_freq_factor",
                4.0,
                "original_max_position_embeddings",
                32);
        assertThat(read(LLAMA, "rope_theta", 5e5, "rope_scaling", llama3).rope())
                .isEqualTo(new RopeConfig(5e5, Scaling.LLAMA3, 8, 1, 4, 32));
        assertThat(read(QWEN3, "rope_parameters", Map.of("rope_theta", 1e6, "rope_type", "default"))
                        .rope())
                .isEqualTo(RopeConfig.plain(1e6));
    }

    @ParameterizedTest
    @CsvSource({"yarn", "dynamic", "longrope", "su", "mrope"})
    void refusesOtherRopeTypes(String type) {
        assertRefused(LLAMA, "rope_scaling", Map.of("type", type, "factor", 4))
                .hasMessageContaining("config.json")
                .hasMessageContaining("rope type \"" + type + "\"")
                .hasMessageContaining("not supported");
    }

    @Test
    void refusesRopeWithoutItsNumbers() {
        assertRefused(LLAMA, "rope_scaling", Map.of("type", "linear"))
                .hasMessage("config.json, rope_scaling, has no factor");
        assertRefused(LLAMA, "rope_scaling", Map.of("factor", 2))
                .hasMessage("config.json, rope_scaling, has no rope_type");
        assertRefused(LLAMA, "rope_scaling", Map.of("type", "linear", "factor", 0.5))
                .hasMessageContaining("factor 0.5");
        assertRefused(LLAMA, "rope_scaling", Map.of("type", "linear", "factor", "2"))
                .hasMessageContaining("not a number");
        assertRefused(LLAMA, "rope_scaling", "linear").hasMessageContaining("not an object");
        assertRefused(LLAMA, "rope_theta", 0).hasMessageContaining("rope_theta 0.0");
        assertRefused(QWEN3, "rope_parameters", Map.of("full_attention", Map.of("rope_theta", 1)))
                .hasMessageContaining("per kind of layer");
        assertRefused(LLAMA, "partial_rotary_factor", 0.5).hasMessageContaining("partial_rotary_factor 0.5");
    }

    @Test
    void refusesOtherArchitectures() {
        assertRefused("GemmaForCausalLM")
                .hasMessageContaining("config.json")
                .hasMessageContaining("GemmaForCausalLM")
                .hasMessageContaining("not supported");
        assertRefused(LLAMA, "architectures", ABSENT, "model_type", "gpt2").hasMessageContaining("model_type \"gpt2\"");
        assertRefused(LLAMA, "architectures", ABSENT).hasMessageContaining("neither architectures nor model_type");
        assertRefused(LLAMA, "architectures", List.of()).hasMessageContaining("architectures []");
        assertRefused(LLAMA, "architectures", 7).hasMessageContaining("architectures 7");
    }

    @Test
    void refusesASlidingWindowShorterThanTheContext() throws IOException {
        assertRefused(MISTRAL, "sliding_window", 32)
                .hasMessage("config.json has a sliding window of 32 tokens, shorter than the context of 64,"
                        + " which is not supported");
        assertRefused(MISTRAL, "sliding_window", ABSENT, "max_position_embeddings", 8192)
                .hasMessageContaining("sliding window of 4096");
        assertThat(read(MISTRAL, "sliding_window", 64).contextTokens()).isEqualTo(64);
        assertThat(read(MISTRAL, "sliding_window", null).contextTokens()).isEqualTo(64);
    }

    @Test
    void qwenSlidesOnlyWhenItSaysSo() throws IOException {
        assertThat(read(QWEN2, "use_sliding_window", false, "sliding_window", 32)
                        .contextTokens())
                .isEqualTo(64);
        assertRefused(QWEN2, "use_sliding_window", true, "sliding_window", 32, "max_window_layers", 1)
                .hasMessageContaining("sliding window of 32");
        assertThat(read(QWEN2, "use_sliding_window", true, "sliding_window", 32, "max_window_layers", 2)
                        .layers())
                .isEqualTo(2);
        List<String> full = List.of("full_attention", "full_attention");
        assertThat(read(QWEN3, "sliding_window", 32, "layer_types", full).layers())
                .isEqualTo(2);
        List<String> mixed = List.of("full_attention", "sliding_attention");
        assertRefused(QWEN3, "use_sliding_window", true, "sliding_window", 32, "layer_types", mixed)
                .hasMessageContaining("sliding window of 32");
        assertRefused(QWEN3, "layer_types", List.of("linear_attention"), "sliding_window", 3)
                .hasMessageContaining("linear_attention");
    }

    @Test
    void refusesWhatWouldChangeTheComputation() {
        assertRefused(LLAMA, "hidden_act", "gelu").hasMessageContaining("hidden_act \"gelu\"");
        assertRefused(LLAMA, "quantization_config", Map.of("quant_method", "gptq"))
                .hasMessageContaining("quantization_config")
                .hasMessageContaining("gptq");
        assertRefused(QWEN2, "num_experts", 8).hasMessageContaining("num_experts 8");
        assertRefused(QWEN2, "moe_intermediate_size", 8).hasMessageContaining("mixtures of experts");
        assertRefused(LLAMA, "torch_dtype", "float8_e4m3fn").hasMessageContaining("float8_e4m3fn");
    }

    @Test
    void refusesWrongTypesAndAbsurdSizes() {
        assertRefused(LLAMA, "hidden_size", "8")
                .hasMessage("config.json has hidden_size \"8\", which is not a whole number");
        assertRefused(LLAMA, "hidden_size", 8.5).hasMessageContaining("hidden_size 8.5");
        assertRefused(LLAMA, "hidden_size", 0).hasMessageContaining("hidden_size 0");
        assertRefused(LLAMA, "hidden_size", -8).hasMessageContaining("hidden_size -8");
        assertRefused(LLAMA, "hidden_size", ABSENT).hasMessage("config.json has no hidden_size");
        assertRefused(LLAMA, "num_hidden_layers", 1_000_000).hasMessageContaining("num_hidden_layers 1000000");
        assertRefused(LLAMA, "vocab_size", 1L << 40).hasMessageContaining("vocab_size 1099511627776");
        assertRefused(LLAMA, "num_key_value_heads", 3).hasMessageContaining("2 heads can't share 3 KV heads");
        assertRefused(LLAMA, "head_dim", 5).hasMessageContaining("even");
        assertRefused(LLAMA, "head_dim", ABSENT, "hidden_size", 9).hasMessageContaining("hidden_size 9");
        assertRefused(LLAMA, "rms_norm_eps", 0).hasMessageContaining("rms_norm_eps 0.0");
        assertRefused(LLAMA, "tie_word_embeddings", "yes").hasMessageContaining("tie_word_embeddings \"yes\"");
        assertRefused(LLAMA, "eos_token_id", 16).hasMessageContaining("eos_token_id 16");
        assertRefused(LLAMA, "eos_token_id", "2").hasMessageContaining("eos_token_id \"2\"");
        assertRefused(LLAMA, "sliding_window", 7, "hidden_act", 3).hasMessageContaining("hidden_act 3");
    }

    @Test
    void refusesWhatIsNoJsonObject() throws IOException {
        for (String bad : List.of("", "nonsense", "{\"a\": 1", "[1]", "{} {}", "{\"a\": 1, \"a\": 2}", "null")) {
            TestModels.write(directory, "config.json", bad);
            assertThatThrownBy(() -> ConfigReader.read(directory))
                    .isInstanceOf(ModelLoadException.class)
                    .hasMessageContaining("config.json");
        }
        Files.write(directory.resolve("config.json"), new byte[] {'{', '"', (byte) 0xFF, '"', ':', '1', '}'});
        assertThatThrownBy(() -> ConfigReader.read(directory)).hasMessage("config.json is not UTF-8");
        TestModels.write(directory, "config.json", "[".repeat(100_000));
        assertThatThrownBy(() -> ConfigReader.read(directory)).isInstanceOf(ModelLoadException.class);
    }

    @Test
    void refusesAFileThatIsTooLarge() throws IOException {
        Files.write(directory.resolve("config.json"), new byte[JsonFile.MAX_CONFIG_BYTES + 1]);
        assertThatThrownBy(() -> ConfigReader.read(directory))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("config.json is larger than");
    }

    @RandomizedTest(200)
    void aDamagedConfigIsReadOrRefusedButNeverAnythingElse(SplittableRandom random) throws IOException {
        byte[] bytes = TestModels.config(
                        LLAMA, "rope_scaling", Map.of("type", "linear", "factor", 2), "eos_token_id", List.of(1, 2))
                .getBytes(StandardCharsets.UTF_8);
        for (int i = random.nextInt(1, 6); i > 0; i--) {
            bytes[random.nextInt(bytes.length)] =
                    (byte) (random.nextBoolean() ? random.nextInt(256) : "019{}[],:\"-e.".charAt(random.nextInt(13)));
        }
        Files.write(directory.resolve("config.json"), bytes);
        try {
            assertThat(ConfigReader.read(directory).layers()).isPositive();
        } catch (ModelLoadException e) {
            assertThat(e).hasMessageContaining("config.json");
        }
    }

    private ModelConfig read(String architecture, Object... changes) throws IOException {
        TestModels.write(directory, "config.json", TestModels.config(architecture, changes));
        return ConfigReader.read(directory);
    }

    private org.assertj.core.api.AbstractThrowableAssert<?, ? extends Throwable> assertRefused(
            String architecture, Object... changes) {
        return assertThatThrownBy(() -> read(architecture, changes)).isInstanceOf(ModelLoadException.class);
    }
}
