package dev.kvasir.runner.torch;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import dev.kvasir.runner.DType;
import dev.kvasir.runner.ModelConfig;
import dev.kvasir.runner.StoredTensor;
import dev.kvasir.runner.WeightSource;

/** Fills an empty module with a checkpoint's weights. Each tensor is aliased in the mapped file and copied once. */
final class TorchWeights {
    private final PtNDManager manager;
    private final TorchModule module;
    private final ModelConfig config;
    private final WeightSource source;

    private TorchWeights(PtNDManager manager, TorchModule module, ModelConfig config, WeightSource source) {
        this.manager = manager;
        this.module = module;
        this.config = config;
        this.source = source;
    }

    /** Loads every weight; {@code manager} is for what lives during the load. */
    static void load(PtNDManager manager, TorchModule module, ModelConfig config, WeightSource source) {
        TorchWeights weights = new TorchWeights(manager, module, config, source);
        weights.embedding();
        for (int layer = 0; layer < config.layers(); layer++) {
            weights.layer(layer);
        }
        weights.head();
    }

    private void embedding() {
        try (PtNDManager load = (PtNDManager) manager.newSubManager()) {
            module.call("set_embedding", tensor(load, "model.embed_tokens.weight", config.vocab(), config.hidden()));
        }
    }

    private void layer(int layer) {
        String name = "model.layers." + layer + ".";
        int hidden = config.hidden();
        int queries = config.heads() * config.headDim();
        int keys = config.kvHeads() * config.headDim();
        try (PtNDManager load = (PtNDManager) manager.newSubManager()) {
            // The order in layers.py: 0 q, k, v; 1 output; 2 gate, up; 3 down
            linear(
                    load,
                    config.qkvBias(),
                    hidden,
                    name + "self_attn.",
                    new String[] {"q_proj", "k_proj", "v_proj"},
                    new int[] {queries, keys, keys});
            linear(load, config.outputBias(), queries, name + "self_attn.", new String[] {"o_proj"}, new int[] {hidden
            });
            linear(load, config.mlpBias(), hidden, name + "mlp.", new String[] {"gate_proj", "up_proj"}, new int[] {
                config.intermediate(), config.intermediate()
            });
            linear(load, config.mlpBias(), config.intermediate(), name + "mlp.", new String[] {"down_proj"}, new int[] {
                hidden
            });
            module.call(
                    "add_norms",
                    tensor(load, name + "input_layernorm.weight", hidden),
                    tensor(load, name + "post_attention_layernorm.weight", hidden));
            if (config.qkNorm()) {
                module.call(
                        "add_head_norms",
                        tensor(load, name + "self_attn.q_norm.weight", config.headDim()),
                        tensor(load, name + "self_attn.k_norm.weight", config.headDim()));
            }
        }
    }

    private void head() {
        try (PtNDManager load = (PtNDManager) manager.newSubManager()) {
            module.call("set_final_norm", tensor(load, "model.norm.weight", config.hidden()));
            if (config.tiedHead()) {
                module.call("tie_head");
            } else {
                NDList weight = new NDList(tensor(load, "lm_head.weight", config.vocab(), config.hidden()));
                module.call("add_linear", weight, new NDList());
            }
        }
    }

    private void linear(PtNDManager load, boolean bias, int inputs, String prefix, String[] names, int[] outputs) {
        NDList weights = new NDList();
        NDList biases = new NDList();
        for (int i = 0; i < names.length; i++) {
            weights.add(tensor(load, prefix + names[i] + ".weight", outputs[i], inputs));
            if (bias) {
                biases.add(tensor(load, prefix + names[i] + ".bias", outputs[i]));
            }
        }
        module.call("add_linear", weights, biases);
    }

    private PtNDArray tensor(PtNDManager load, String name, long... shape) {
        StoredTensor stored = source.tensor(name, shape);
        DataType type = stored.dtype() == DType.FLOAT32 ? DataType.FLOAT32 : DataType.FLOAT16;
        PtNDArray array = (PtNDArray) load.create(stored.data(), new Shape(shape), type);
        return stored.dtype() == DType.BFLOAT16 ? module.tensor(load, "as_bfloat16", array) : array;
    }
}
