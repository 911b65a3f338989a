package dev.kvasir.runner.synthetic;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.runner.DType;
import dev.kvasir.runner.ModelConfig;
import dev.kvasir.runner.ModelConfig.Family;
import dev.kvasir.runner.RopeConfig;
import java.io.IOException;
import java.nio.file.Path;

/** Writes {@code config.json} and {@code generation_config.json} in each family's own field names. */
public final class ConfigFiles {
    private static final ObjectMapper JSON = new ObjectMapper();

    private ConfigFiles() {}

    /** Writes both files. */
    public static void write(Path directory, ModelConfig config, boolean attentionBias) throws IOException {
        write(directory.resolve("config.json"), config(config, attentionBias));
        write(directory.resolve("generation_config.json"), generationConfig(config));
    }

    private static ObjectNode config(ModelConfig config, boolean attentionBias) {
        ObjectNode json = JSON.createObjectNode();
        json.putArray("architectures").add(architecture(config.family()));
        json.put("model_type", modelType(config.family()));
        json.put("hidden_size", config.hidden());
        json.put("intermediate_size", config.intermediate());
        json.put("num_hidden_layers", config.layers());
        json.put("num_attention_heads", config.heads());
        json.put("num_key_value_heads", config.kvHeads());
        // Older configs leave it out where it is hidden / heads, so readers must cope with that.
        if (config.family() == Family.QWEN3 || config.headDim() * config.heads() != config.hidden()) {
            json.put("head_dim", config.headDim());
        }
        json.put("vocab_size", config.vocab());
        json.put("max_position_embeddings", config.contextTokens());
        // Through text, for a float's nearest double reads 9.999999747378752E-6.
        json.put("rms_norm_eps", Double.parseDouble(Float.toString(config.normEpsilon())));
        json.put("rope_theta", config.rope().theta());
        putRopeScaling(json, config.rope());
        json.put("hidden_act", "silu");
        json.put("tie_word_embeddings", config.tiedHead());
        switch (config.family()) {
            case LLAMA -> json.put("attention_bias", attentionBias).put("mlp_bias", config.mlpBias());
            case MISTRAL -> json.putNull("sliding_window");
            case QWEN2 -> putUnusedSlidingWindow(json, config);
            case QWEN3 -> putUnusedSlidingWindow(json.put("attention_bias", attentionBias), config);
        }
        json.put("attention_dropout", 0.0);
        json.put("initializer_range", 0.02);
        json.put("use_cache", true);
        putTokens(json, config);
        if (!config.endTokens().isEmpty()) {
            json.put("eos_token_id", config.endTokens().get(0));
        }
        json.put("torch_dtype", torchName(config.storedDtype()));
        return json;
    }

    private static ObjectNode generationConfig(ModelConfig config) {
        ObjectNode json = JSON.createObjectNode();
        putTokens(json, config);
        config.endTokens().forEach(json.putArray("eos_token_id")::add);
        return json.put("do_sample", true).put("temperature", 0.7).put("top_p", 0.8);
    }

    private static void putTokens(ObjectNode json, ModelConfig config) {
        if (config.bosToken() != null) {
            json.put("bos_token_id", config.bosToken());
        }
    }

    private static void putRopeScaling(ObjectNode json, RopeConfig rope) {
        switch (rope.scaling()) {
            case NONE -> json.putNull("rope_scaling");
            case LINEAR ->
                json.putObject("rope_scaling").put("rope_type", "linear").put("factor", rope.factor());
            case LLAMA3 ->
                json.putObject("rope_scaling")
                        .put("rope_type", "llama3")
                        .put("factor", rope.factor())
                        .put("low_freq_factor", rope.lowFrequencyFactor())
                        .put("high_freq_factor", rope.highFrequencyFactor())
                        .put("original_max_position_embeddings", rope.originalContext());
        }
    }

    // As in the published configs, which name a window and don't use it.
    private static void putUnusedSlidingWindow(ObjectNode json, ModelConfig config) {
        json.put("use_sliding_window", false);
        json.put("sliding_window", config.contextTokens());
        json.put("max_window_layers", config.layers());
    }

    private static String architecture(Family family) {
        return switch (family) {
            case LLAMA -> "LlamaForCausalLM";
            case MISTRAL -> "MistralForCausalLM";
            case QWEN2 -> "Qwen2ForCausalLM";
            case QWEN3 -> "Qwen3ForCausalLM";
        };
    }

    private static String modelType(Family family) {
        return switch (family) {
            case LLAMA -> "llama";
            case MISTRAL -> "mistral";
            case QWEN2 -> "qwen2";
            case QWEN3 -> "qwen3";
        };
    }

    private static String torchName(DType dtype) {
        return switch (dtype) {
            case FLOAT32 -> "float32";
            case FLOAT16 -> "float16";
            case BFLOAT16 -> "bfloat16";
        };
    }

    private static void write(Path file, ObjectNode json) throws IOException {
        JSON.writerWithDefaultPrettyPrinter().writeValue(file.toFile(), json);
    }
}
