package dev.kvasir.runner.checkpoint;

import dev.kvasir.runner.ModelConfig;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** The tensors that a model of a given config consists of: Hugging Face's names, with their shapes. */
public final class CheckpointLayout {
    public static final String EMBEDDING = "model.embed_tokens.weight";
    public static final String FINAL_NORM = "model.norm.weight";
    public static final String HEAD = "lm_head.weight";

    private CheckpointLayout() {}

    /** Returns the prefix of a layer's names: {@code model.layers.3.}. */
    public static String layer(int layer) {
        return "model.layers." + layer + ".";
    }

    /** Returns name to shape for every tensor of the model, in the order of the computation. */
    public static Map<String, long[]> of(ModelConfig config) {
        Map<String, long[]> tensors = new LinkedHashMap<>();
        long hidden = config.hidden();
        tensors.put(EMBEDDING, new long[] {config.vocab(), hidden});
        for (int i = 0; i < config.layers(); i++) {
            putLayer(tensors, layer(i), config);
        }
        tensors.put(FINAL_NORM, new long[] {hidden});
        if (!config.tiedHead()) {
            tensors.put(HEAD, new long[] {config.vocab(), hidden});
        }
        return Collections.unmodifiableMap(tensors);
    }

    private static void putLayer(Map<String, long[]> tensors, String layer, ModelConfig config) {
        long hidden = config.hidden();
        long intermediate = config.intermediate();
        long queries = (long) config.heads() * config.headDim();
        long keys = (long) config.kvHeads() * config.headDim();
        tensors.put(layer + "input_layernorm.weight", new long[] {hidden});
        linear(tensors, layer + "self_attn.q_proj", queries, hidden, config.qkvBias());
        linear(tensors, layer + "self_attn.k_proj", keys, hidden, config.qkvBias());
        linear(tensors, layer + "self_attn.v_proj", keys, hidden, config.qkvBias());
        if (config.qkNorm()) {
            tensors.put(layer + "self_attn.q_norm.weight", new long[] {config.headDim()});
            tensors.put(layer + "self_attn.k_norm.weight", new long[] {config.headDim()});
        }
        linear(tensors, layer + "self_attn.o_proj", hidden, queries, config.outputBias());
        tensors.put(layer + "post_attention_layernorm.weight", new long[] {hidden});
        linear(tensors, layer + "mlp.gate_proj", intermediate, hidden, config.mlpBias());
        linear(tensors, layer + "mlp.up_proj", intermediate, hidden, config.mlpBias());
        linear(tensors, layer + "mlp.down_proj", hidden, intermediate, config.mlpBias());
    }

    private static void linear(Map<String, long[]> tensors, String name, long outputs, long inputs, boolean bias) {
        tensors.put(name + ".weight", new long[] {outputs, inputs});
        if (bias) {
            tensors.put(name + ".bias", new long[] {outputs});
        }
    }
}
