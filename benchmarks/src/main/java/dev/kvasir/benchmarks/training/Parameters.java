package dev.kvasir.benchmarks.training;

import dev.kvasir.runner.DType;
import dev.kvasir.runner.ModelConfig;
import dev.kvasir.runner.synthetic.SyntheticTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** A Llama's parameters as they are trained: stacked over layers, in the order that {@code train.py} names. */
enum Parameters {
    EMBEDDING("embed_tokens"),
    QUERY("self_attn.q_proj"),
    KEY("self_attn.k_proj"),
    VALUE("self_attn.v_proj"),
    OUTPUT("self_attn.o_proj"),
    GATE("mlp.gate_proj"),
    UP("mlp.up_proj"),
    DOWN("mlp.down_proj"),
    ATTENTION_NORM("input_layernorm"),
    MLP_NORM("post_attention_layernorm"),
    FINAL_NORM("norm");

    private final String checkpointName;

    Parameters(String checkpointName) {
        this.checkpointName = checkpointName;
    }

    /** Returns the sizes, outermost first. */
    long[] shape(ModelConfig config) {
        long layers = config.layers();
        long hidden = config.hidden();
        long query = (long) config.heads() * config.headDim();
        long keyValue = (long) config.kvHeads() * config.headDim();
        return switch (this) {
            case EMBEDDING -> new long[] {config.vocab(), hidden};
            case QUERY -> new long[] {layers, query, hidden};
            case KEY, VALUE -> new long[] {layers, keyValue, hidden};
            case OUTPUT -> new long[] {layers, hidden, query};
            case GATE, UP -> new long[] {layers, config.intermediate(), hidden};
            case DOWN -> new long[] {layers, hidden, config.intermediate()};
            case ATTENTION_NORM, MLP_NORM -> new long[] {layers, hidden};
            case FINAL_NORM -> new long[] {hidden};
        };
    }

    int elements(ModelConfig config) {
        return Math.toIntExact(Arrays.stream(shape(config)).reduce(1, Math::multiplyExact));
    }

    /**
     * Returns all initial values.
     *
     * @param spaced tokens of words without the blank before them, and those of the same words with it
     */
    static List<float[]> initial(ModelConfig config, Map<Integer, Integer> spaced, RandomGenerator random) {
        List<float[]> all = new ArrayList<>();
        for (Parameters parameter : values()) {
            float[] values = new float[parameter.elements(config)];
            double std = parameter.initialStd(config);
            for (int i = 0; i < values.length; i++) {
                values[i] = std == 0 ? 1 : (float) (random.nextGaussian() * std);
            }
            all.add(values);
        }
        matchWords(config, spaced, all.get(EMBEDDING.ordinal()), random);
        matchQueriesWithKeys(config, all.get(QUERY.ordinal()), all.get(KEY.ordinal()));
        return all;
    }

    private double initialStd(ModelConfig config) {
        double unit = 1 / Math.sqrt(config.hidden());
        return switch (this) {
            case EMBEDDING -> 0.5 * unit;
            case QUERY, KEY, VALUE, GATE, UP -> unit;
            // Their outputs add up over the layers.
            case OUTPUT -> unit / Math.sqrt(2.0 * config.layers());
            case DOWN -> 1 / Math.sqrt(2.0 * config.layers() * config.intermediate());
            case ATTENTION_NORM, MLP_NORM, FINAL_NORM -> 0;
        };
    }

    /*
     * A word without the blank before it begins as the word with it, moved by what is the same for all words: so "key" in a call is found where
     * " key" stands in a sentence, and one has not to be learned for each word.
     */
    private static void matchWords(
            ModelConfig config, Map<Integer, Integer> spaced, float[] embedding, RandomGenerator random) {
        int hidden = config.hidden();
        float[] moved = new float[hidden];
        for (int i = 0; i < hidden; i++) {
            moved[i] = (float) (random.nextGaussian() * EMBEDDING.initialStd(config));
        }
        spaced.forEach((word, withBlank) -> {
            for (int i = 0; i < hidden; i++) {
                embedding[word * hidden + i] =
                        0.3f * embedding[word * hidden + i] + 0.7f * (embedding[withBlank * hidden + i] + moved[i]);
            }
        });
    }

    /*
     * The first query head of each group starts as its keys' projection, so it attends to tokens like its own: looking things up is
     * found sooner from there (mimetic initialisation, Trockman and Kolter, arXiv 2305.09828).
     */
    private static void matchQueriesWithKeys(ModelConfig config, float[] query, float[] key) {
        int head = config.headDim() * config.hidden();
        int group = config.heads() / config.kvHeads();
        for (int layer = 0; layer < config.layers(); layer++) {
            for (int kv = 0; kv < config.kvHeads(); kv++) {
                int from = (layer * config.kvHeads() + kv) * head;
                int to = (layer * config.heads() + kv * group) * head;
                System.arraycopy(key, from, query, to, head);
            }
        }
    }

    /** Returns the tensors of a checkpoint in Hugging Face's names. */
    static List<SyntheticTensor> checkpoint(ModelConfig config, List<float[]> values) {
        List<SyntheticTensor> tensors = new ArrayList<>();
        tensors.add(EMBEDDING.tensor(config, "model.", values, -1));
        for (int layer = 0; layer < config.layers(); layer++) {
            for (Parameters parameter : values()) {
                if (parameter != EMBEDDING && parameter != FINAL_NORM) {
                    tensors.add(parameter.tensor(config, "model.layers." + layer + ".", values, layer));
                }
            }
        }
        tensors.add(FINAL_NORM.tensor(config, "model.", values, -1));
        return tensors;
    }

    private SyntheticTensor tensor(ModelConfig config, String prefix, List<float[]> values, int layer) {
        float[] all = values.get(ordinal());
        long[] shape = shape(config);
        if (layer >= 0) {
            int size = all.length / config.layers();
            all = Arrays.copyOfRange(all, layer * size, (layer + 1) * size);
            shape = Arrays.copyOfRange(shape, 1, shape.length);
        }
        return SyntheticTensor.of(prefix + checkpointName + ".weight", DType.BFLOAT16, all, shape);
    }
}
