package dev.kvasir.runner.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvasir.runner.DType;
import dev.kvasir.runner.ModelConfig;
import dev.kvasir.runner.ModelLoadException;
import dev.kvasir.runner.StoredTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {
    @TempDir
    Path directory;

    @Test
    void opensOneFileAndGivesItsTensors() throws IOException {
        ModelConfig config = TestModels.directory(directory, TestModels.config("LlamaForCausalLM"));
        Checkpoint checkpoint = ModelDirectory.open(directory).checkpoint();
        String name = "model.layers.1.self_attn.k_proj.weight";
        StoredTensor tensor = checkpoint.tensor(name, 4, 8);
        assertThat(tensor.dtype()).isEqualTo(DType.FLOAT32);
        assertThat(tensor.data().get(0)).isEqualTo(TestModels.fill(name));
        assertThat(checkpoint.files()).containsExactly(directory.resolve("model.safetensors"));
        assertThat(CheckpointLayout.of(config)).hasSize(2 + 2 * 9 + 1).containsKey(CheckpointLayout.HEAD);
    }

    @Test
    void layoutsFollowTheConfig() throws IOException {
        Map<String, long[]> qwen2 = layout("Qwen2ForCausalLM");
        assertThat(qwen2.get("model.layers.0.self_attn.q_proj.bias")).containsExactly(8);
        assertThat(qwen2.get("model.layers.0.self_attn.v_proj.bias")).containsExactly(4);
        assertThat(qwen2).doesNotContainKey("model.layers.0.self_attn.o_proj.bias");
        Map<String, long[]> qwen3 = layout("Qwen3ForCausalLM", "head_dim", 6, "tie_word_embeddings", true);
        assertThat(qwen3.get("model.layers.1.self_attn.q_norm.weight")).containsExactly(6);
        assertThat(qwen3.get("model.layers.1.self_attn.o_proj.weight")).containsExactly(8, 12);
        assertThat(qwen3).doesNotContainKey(CheckpointLayout.HEAD);
        Map<String, long[]> llama = layout("LlamaForCausalLM", "attention_bias", true, "mlp_bias", true);
        assertThat(llama.get("model.layers.0.self_attn.o_proj.bias")).containsExactly(8);
        assertThat(llama.get("model.layers.0.mlp.down_proj.bias")).containsExactly(8);
        assertThat(llama.get("model.layers.0.mlp.up_proj.bias")).containsExactly(12);
    }

    @Test
    void opensShardsOfDifferentTypesByTheirIndex() throws IOException {
        ModelConfig config = shards("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors");
        Checkpoint checkpoint = Checkpoint.open(directory, config);
        assertThat(checkpoint.tensor(CheckpointLayout.EMBEDDING, 16, 8).dtype()).isEqualTo(DType.FLOAT16);
        assertThat(checkpoint.tensor(CheckpointLayout.FINAL_NORM, 8).dtype()).isEqualTo(DType.BFLOAT16);
        assertThat(checkpoint.files())
                .extracting(file -> file.getFileName().toString())
                .containsExactly("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors");
    }

    @Test
    void aHeadBesideATiedOneIsIgnored() throws IOException {
        ModelConfig untied = TestModels.directory(directory, TestModels.config("LlamaForCausalLM"));
        assertThat(untied.tiedHead()).isFalse();
        TestModels.write(directory, "config.json", TestModels.config("LlamaForCausalLM", "tie_word_embeddings", true));
        assertThat(ModelDirectory.open(directory).config().tiedHead()).isTrue();
    }

    @Test
    void refusesAMissingTensorAndAWrongShapeByName() throws IOException {
        ModelConfig config = TestModels.directory(directory, TestModels.config("LlamaForCausalLM"));
        Map<String, long[]> layout = new LinkedHashMap<>(CheckpointLayout.of(config));
        layout.remove("model.layers.1.mlp.up_proj.weight");
        rewrite(layout);
        assertThatThrownBy(() -> ModelDirectory.open(directory))
                .isInstanceOf(ModelLoadException.class)
                .hasMessage("model.safetensors has no tensor model.layers.1.mlp.up_proj.weight,"
                        + " which config.json asks for with shape [12, 8]");
        layout.put("model.layers.1.mlp.up_proj.weight", new long[] {8, 12});
        rewrite(layout);
        assertThatThrownBy(() -> ModelDirectory.open(directory))
                .isInstanceOf(ModelLoadException.class)
                .hasMessage("model.safetensors has tensor model.layers.1.mlp.up_proj.weight with shape [8, 12],"
                        + " but config.json asks for [12, 8]");
    }

    @Test
    void refusesShardNamesThatLeadElsewhere() throws IOException {
        for (String name : List.of(
                "../model.safetensors",
                "/etc/passwd",
                "sub/model.safetensors",
                "..",
                "",
                "model.bin",
                ".hidden.safetensors",
                "a\\b.safetensors")) {
            ModelConfig config = shards("a.safetensors", "b.safetensors");
            writeIndex(Map.of(CheckpointLayout.EMBEDDING, name));
            assertThatThrownBy(() -> Checkpoint.open(directory, config))
                    .isInstanceOf(ModelLoadException.class)
                    .hasMessageContaining("model.safetensors.index.json maps tensor model.embed_tokens.weight")
                    .hasMessageContaining("not the plain name");
        }
    }

    @Test
    void refusesAnIndexThatIsWrong() throws IOException {
        ModelConfig config = shards("a.safetensors", "b.safetensors");
        writeIndex(Map.of(CheckpointLayout.EMBEDDING, "c.safetensors"));
        assertThatThrownBy(() -> Checkpoint.open(directory, config)).hasMessageContaining("shard c.safetensors");
        writeIndex(Map.of(CheckpointLayout.FINAL_NORM, "a.safetensors"));
        assertThatThrownBy(() -> Checkpoint.open(directory, config))
                .hasMessage("model.safetensors.index.json says that tensor model.norm.weight is in a.safetensors,"
                        + " but it isn't");
        TestModels.write(directory, "model.safetensors.index.json", "{}");
        assertThatThrownBy(() -> Checkpoint.open(directory, config)).hasMessageContaining("no weight_map");
        TestModels.write(directory, "model.safetensors.index.json", "{\"weight_map\": {\"a\": 1}}");
        assertThatThrownBy(() -> Checkpoint.open(directory, config)).hasMessageContaining("maps tensor a to 1");
    }

    @Test
    void refusesWhatIsNoModelDirectory() throws IOException {
        assertRefused("is not a directory", directory.resolve("nowhere"));
        assertRefused("has no config.json", directory);
        TestModels.write(directory, "config.json", TestModels.config("LlamaForCausalLM"));
        assertRefused("has no tokenizer.json", directory);
        TestModels.write(directory, "tokenizer.json", "{}");
        assertRefused("has no weights", directory);
    }

    @Test
    void theFingerprintFollowsConfigAndWeightsAndNothingElse() throws IOException {
        Path cache = directory.resolve("cache");
        TestModels.directory(directory, TestModels.config("LlamaForCausalLM"));
        byte[] first = ModelDirectory.open(directory).fingerprint(cache);
        assertThat(first).hasSize(32);
        TestModels.write(directory, "tokenizer.json", "{ }");
        assertThat(ModelDirectory.open(directory).fingerprint(cache)).isEqualTo(first);
        TestModels.write(directory, "config.json", TestModels.config("LlamaForCausalLM", "rope_theta", 20000));
        assertThat(ModelDirectory.open(directory).fingerprint(cache)).isNotEqualTo(first);
        TestModels.write(directory, "config.json", TestModels.config("LlamaForCausalLM"));
        assertThat(ModelDirectory.open(directory).fingerprint(cache)).isEqualTo(first);

        Path weights = directory.resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        bytes[bytes.length - 1]++;
        Files.write(weights, bytes);
        assertThat(ModelDirectory.open(directory).fingerprint(cache)).isNotEqualTo(first);
    }

    @Test
    void theFingerprintIsReadFromItsCacheAndADamagedCacheIsRecomputed() throws IOException {
        Path cache = directory.resolve("cache");
        TestModels.directory(directory, TestModels.config("LlamaForCausalLM"));
        ModelDirectory model = ModelDirectory.open(directory);
        byte[] fingerprint = model.fingerprint(cache);
        Path file;
        try (var files = Files.list(cache)) {
            file = files.findFirst().orElseThrow();
        }
        byte[] good = Files.readAllBytes(file);

        // Same size and time, other bytes: only a cache that is really read still gives the old value.
        Path weights = directory.resolve("model.safetensors");
        var time = Files.getLastModifiedTime(weights);
        byte[] bytes = Files.readAllBytes(weights);
        bytes[bytes.length - 1]++;
        Files.write(weights, bytes);
        Files.setLastModifiedTime(weights, time);
        assertThat(model.fingerprint(cache)).isEqualTo(fingerprint);

        for (int at = 0; at < good.length; at += 7) {
            byte[] damaged = good.clone();
            damaged[at] ^= 1;
            Files.write(file, damaged);
            assertThat(model.fingerprint(cache)).isNotEqualTo(fingerprint);
        }
        Files.write(file, new byte[0]);
        assertThat(model.fingerprint(cache)).isNotEqualTo(fingerprint);
    }

    private static void assertRefused(String message, Path directory) {
        assertThatThrownBy(() -> ModelDirectory.open(directory))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining(directory.toString())
                .hasMessageContaining(message);
    }

    private Map<String, long[]> layout(String architecture, Object... changes) throws IOException {
        TestModels.write(directory, "config.json", TestModels.config(architecture, changes));
        return CheckpointLayout.of(ConfigReader.read(directory));
    }

    private void rewrite(Map<String, long[]> layout) throws IOException {
        Path weights = directory.resolve("model.safetensors");
        Files.delete(weights);
        Files.write(weights, TestModels.safetensors(layout, "F32", 4));
    }

    /** Writes the first tensor to one shard, in F16, and the rest to another, in BF16. */
    private ModelConfig shards(String first, String second) throws IOException {
        TestModels.write(directory, "config.json", TestModels.config("LlamaForCausalLM"));
        ModelConfig config = ConfigReader.read(directory);
        Map<String, long[]> rest = new LinkedHashMap<>(CheckpointLayout.of(config));
        long[] embedding = rest.remove(CheckpointLayout.EMBEDDING);
        Files.deleteIfExists(directory.resolve(first));
        Files.deleteIfExists(directory.resolve(second));
        Files.write(
                directory.resolve(first),
                TestModels.safetensors(Map.of(CheckpointLayout.EMBEDDING, embedding), "F16", 2));
        Files.write(directory.resolve(second), TestModels.safetensors(rest, "BF16", 2));
        Map<String, String> weightMap = new LinkedHashMap<>();
        weightMap.put(CheckpointLayout.EMBEDDING, first);
        rest.keySet().forEach(name -> weightMap.put(name, second));
        writeIndex(weightMap);
        return config;
    }

    private void writeIndex(Map<String, String> weightMap) throws IOException {
        TestModels.write(
                directory,
                "model.safetensors.index.json",
                TestModels.JSON.writeValueAsString(Map.of("weight_map", weightMap)));
    }
}
