package dev.kvasir.runner.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.runner.DType;
import dev.kvasir.runner.ModelConfig;
import dev.kvasir.runner.ModelConfig.Family;
import dev.kvasir.runner.ModelLoadException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code config.json} and {@code generation_config.json}. A field that is absent has the default of its family's class in
 * Hugging Face Transformers, and whatever would change the computation in a way that Kvasir doesn't know is refused.
 */
public final class ConfigReader {
    /** Bounds far above any published model: they stop arithmetic from overflowing, not ambition. */
    private static final int MAX_WIDTH = 1 << 20;

    private static final int MAX_LAYERS = 1024;
    private static final int MAX_HEADS = 1024;
    private static final int MAX_VOCAB = 1 << 22;
    private static final int MAX_CONTEXT = 1 << 24;

    private static final Map<String, Family> ARCHITECTURES = Map.of(
            "LlamaForCausalLM", Family.LLAMA,
            "MistralForCausalLM", Family.MISTRAL,
            "Qwen2ForCausalLM", Family.QWEN2,
            "Qwen3ForCausalLM", Family.QWEN3);

    private static final List<String> EXPERT_FIELDS = List.of(
            "num_experts",
            "num_local_experts",
            "num_experts_per_tok",
            "n_routed_experts",
            "n_shared_experts",
            "moe_intermediate_size");

    private final JsonFields config;
    private final Family family;
    private final int heads;

    private ConfigReader(JsonFields config) {
        this.config = config;
        this.family = family(config);
        this.heads = config.requiredSize("num_attention_heads", MAX_HEADS);
    }

    /** Reads the config of a model directory. */
    public static ModelConfig read(Path directory) {
        Path file = directory.resolve("config.json");
        JsonFields config = new JsonFields("config.json", JsonFile.readObject(file, JsonFile.MAX_CONFIG_BYTES));
        Path generationFile = directory.resolve("generation_config.json");
        JsonFields generation = Files.exists(generationFile)
                ? new JsonFields(
                        "generation_config.json", JsonFile.readObject(generationFile, JsonFile.MAX_CONFIG_BYTES))
                : null;
        return new ConfigReader(config).read(generation);
    }

    private ModelConfig read(@Nullable JsonFields generation) {
        refuseWhatIsUnknown();
        int hidden = config.requiredSize("hidden_size", MAX_WIDTH);
        int layers = config.requiredSize("num_hidden_layers", MAX_LAYERS);
        int vocab = config.requiredSize("vocab_size", MAX_VOCAB);
        int context = config.requiredSize("max_position_embeddings", MAX_CONTEXT);
        refuseSlidingWindow(layers, context);
        boolean bias = family != Family.MISTRAL && family != Family.QWEN2 && config.flag("attention_bias", false);
        try {
            return new ModelConfig(
                    family,
                    hidden,
                    config.requiredSize("intermediate_size", MAX_WIDTH),
                    layers,
                    heads,
                    kvHeads(),
                    headDim(hidden),
                    vocab,
                    context,
                    normEpsilon(),
                    RopeReader.read(config),
                    family == Family.QWEN2 || bias,
                    bias,
                    family == Family.LLAMA && config.flag("mlp_bias", false),
                    family == Family.QWEN3,
                    config.flag("tie_word_embeddings", false),
                    bosToken(vocab),
                    endTokens(generation, vocab),
                    storedDtype());
        } catch (IllegalArgumentException e) {
            throw new ModelLoadException("config.json describes no model: " + e.getMessage(), e);
        }
    }

    private static Family family(JsonFields config) {
        @Nullable JsonNode architectures = config.find("architectures");
        if (architectures == null) {
            @Nullable String type = config.text("model_type");
            for (Family family : Family.values()) {
                if (family.name().toLowerCase(Locale.ROOT).equals(type)) {
                    return family;
                }
            }
            throw new ModelLoadException(
                    type == null
                            ? "config.json names neither architectures nor model_type"
                            : "config.json has model_type \"" + type
                                    + "\", which is not supported (llama, mistral, qwen2 and qwen3 are)");
        }
        if (!architectures.isArray()
                || architectures.size() != 1
                || !architectures.get(0).isTextual()) {
            throw config.wrongType("architectures", "a list of one name", architectures);
        }
        String name = architectures.get(0).textValue();
        @Nullable Family family = ARCHITECTURES.get(name);
        if (family == null) {
            throw new ModelLoadException("config.json has architecture \"" + name
                    + "\", which is not supported (LlamaForCausalLM, MistralForCausalLM, Qwen2ForCausalLM and"
                    + " Qwen3ForCausalLM are)");
        }
        return family;
    }

    private void refuseWhatIsUnknown() {
        @Nullable String activation = config.text("hidden_act");
        if (activation != null && !activation.equals("silu")) {
            throw new ModelLoadException(
                    "config.json has hidden_act \"" + activation + "\", which is not supported (only silu is)");
        }
        @Nullable JsonNode quantization = config.find("quantization_config");
        if (quantization != null) {
            throw new ModelLoadException(
                    "config.json has a quantization_config (" + JsonFields.shown(quantization.path("quant_method"))
                            + "), and quantised weights are not supported");
        }
        for (String field : EXPERT_FIELDS) {
            @Nullable JsonNode value = config.find(field);
            if (value != null && !(value.isNumber() && value.doubleValue() == 0)) {
                throw new ModelLoadException("config.json has " + field + " " + JsonFields.shown(value)
                        + ", and mixtures of experts are not supported");
            }
        }
    }

    private void refuseSlidingWindow(int layers, int context) {
        if (!slides(layers)) {
            return;
        }
        // Mistral's class has a window of 4096 unless the config says null; the Qwen classes have the same once they
        // slide.
        int window = config.size("sliding_window", 4096, Integer.MAX_VALUE);
        if (window < context) {
            throw new ModelLoadException("config.json has a sliding window of " + window
                    + " tokens, shorter than the context of " + context + ", which is not supported");
        }
    }

    private boolean slides(int layers) {
        if (config.mentions("sliding_window") && !config.has("sliding_window")) {
            return false;
        }
        @Nullable JsonNode types = config.find("layer_types");
        boolean sliding =
                switch (family) {
                    case LLAMA -> false;
                    case MISTRAL -> true;
                    case QWEN2, QWEN3 ->
                        config.flag("use_sliding_window", false)
                                && (types != null || config.size("max_window_layers", 28, Integer.MAX_VALUE) < layers);
                };
        if (types == null) {
            return sliding;
        }
        boolean named = false;
        for (JsonNode type : types) {
            String name = type.asText();
            if (name.equals("sliding_attention")) {
                named = true;
            } else if (!name.equals("full_attention")) {
                throw new ModelLoadException(
                        "config.json has a layer of type " + JsonFields.shown(type) + ", which is not supported");
            }
        }
        return named;
    }

    private int kvHeads() {
        if (config.mentions("num_key_value_heads") && !config.has("num_key_value_heads")) {
            return heads;
        }
        int absent =
                switch (family) {
                    case LLAMA -> heads;
                    case MISTRAL -> 8;
                    case QWEN2, QWEN3 -> 32;
                };
        return config.size("num_key_value_heads", absent, MAX_HEADS);
    }

    private int headDim(int hidden) {
        int absent = family == Family.QWEN3 ? 128 : hidden / heads;
        int dim = config.size("head_dim", absent, 1024);
        if (!config.has("head_dim") && family != Family.QWEN3 && hidden % heads != 0) {
            throw new ModelLoadException("config.json has hidden_size " + hidden + ", which num_attention_heads "
                    + heads + " doesn't divide, and no head_dim");
        }
        return dim;
    }

    private float normEpsilon() {
        double epsilon = config.number("rms_norm_eps", 1e-6);
        if (!(epsilon > 0 && epsilon < 1)) {
            throw new ModelLoadException("config.json has rms_norm_eps " + epsilon + ", which is not between 0 and 1");
        }
        return (float) epsilon;
    }

    private @Nullable Integer bosToken(int vocab) {
        if (!config.mentions("bos_token_id") && (family == Family.LLAMA || family == Family.MISTRAL)) {
            return 1;
        }
        List<Integer> ids = tokenIds(config, "bos_token_id", vocab);
        return ids.isEmpty() ? null : ids.get(0);
    }

    private List<Integer> endTokens(@Nullable JsonFields generation, int vocab) {
        if (generation != null && generation.has("eos_token_id")) {
            return tokenIds(generation, "eos_token_id", vocab);
        }
        if (!config.mentions("eos_token_id") && (family == Family.LLAMA || family == Family.MISTRAL)) {
            return List.of(2);
        }
        return tokenIds(config, "eos_token_id", vocab);
    }

    /** Reads one id or a list of ids. */
    private static List<Integer> tokenIds(JsonFields fields, String field, int vocab) {
        @Nullable JsonNode value = fields.find(field);
        if (value == null) {
            return List.of();
        }
        List<JsonNode> nodes = new ArrayList<>();
        if (value.isArray()) {
            value.forEach(nodes::add);
        } else {
            nodes.add(value);
        }
        Set<Integer> ids = new LinkedHashSet<>();
        for (JsonNode node : nodes) {
            if (!node.isIntegralNumber()) {
                throw fields.wrongType(field, "a token id or a list of them", value);
            }
            if (!node.canConvertToInt() || node.intValue() < 0 || node.intValue() >= vocab) {
                throw new ModelLoadException(fields.file() + " has " + field + " " + JsonFields.shown(node)
                        + ", but the vocabulary has " + vocab + " tokens");
            }
            ids.add(node.intValue());
        }
        return List.copyOf(ids);
    }

    private DType storedDtype() {
        @Nullable String name = config.text("torch_dtype");
        if (name == null) {
            name = config.text("dtype");
        }
        if (name == null) {
            return DType.FLOAT32;
        }
        return switch (name.startsWith("torch.") ? name.substring(6) : name) {
            case "float32" -> DType.FLOAT32;
            case "float16" -> DType.FLOAT16;
            case "bfloat16" -> DType.BFLOAT16;
            default ->
                throw new ModelLoadException("config.json has torch_dtype \"" + name
                        + "\", which is not supported (float32, float16 and bfloat16 are)");
        };
    }
}
