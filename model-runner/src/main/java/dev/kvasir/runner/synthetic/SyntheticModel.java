package dev.kvasir.runner.synthetic;

import dev.kvasir.runner.DType;
import dev.kvasir.runner.ModelConfig;
import dev.kvasir.runner.ModelConfig.Family;
import dev.kvasir.runner.RopeConfig;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A model directory to be written: a shape, random weights and a tokenizer. Settings are chosen by chained calls, each of which
 * changes this object and returns it; {@link #write} can be called any number of times, each for a directory of its own.
 *
 * <pre>{@code
 * SyntheticModel.tiny(Family.LLAMA).seed(7).dtype(DType.FLOAT16).tied(true).shards(3).write(directory);
 * SyntheticModel.of(ModelShapes.QWEN25_05B).write(directory);
 * }</pre>
 */
public final class SyntheticModel {
    private static final long ONE_SHARD = Long.MAX_VALUE;
    // Embedding and head are that much smaller than other matrices. The final norm makes up for it, and its weights are
    // as often
    // negative as positive: otherwise a tied head finds each token most similar to itself, and greedy text repeats one
    // token.
    private static final double EMBEDDING_SHARE = 0.25;
    private static final double NORM_STD = 0.1;
    private static final double BIAS_STD = 0.1;

    private Family family;
    private int hidden;
    private int intermediate;
    private int layers;
    private int heads;
    private int kvHeads;
    private int headDim;
    private int vocab;
    private int contextTokens;
    private float normEpsilon;
    private RopeConfig rope;
    private boolean attentionBias;
    private boolean mlpBias;
    private boolean tied;
    private DType dtype;
    private TokenizerKind tokenizerKind = TokenizerKind.BYTE_LEVEL;
    private long seed = 1;
    private double std;
    private int shards = 1;

    /** Which tokenizer is written beside the weights. */
    public enum TokenizerKind {
        /** Byte-level BPE with ChatML, as Qwen; vocabulary of 300 or more. */
        BYTE_LEVEL,
        /** BPE over characters with byte fallback, as Llama 2; vocabulary of 400 or more. */
        SENTENCE_PIECE
    }

    private SyntheticModel(ModelConfig shape, double std) {
        this.family = shape.family();
        this.hidden = shape.hidden();
        this.intermediate = shape.intermediate();
        this.layers = shape.layers();
        this.heads = shape.heads();
        this.kvHeads = shape.kvHeads();
        this.headDim = shape.headDim();
        this.vocab = shape.vocab();
        this.contextTokens = shape.contextTokens();
        this.normEpsilon = shape.normEpsilon();
        this.rope = shape.rope();
        this.attentionBias = shape.outputBias();
        this.mlpBias = shape.mlpBias();
        this.tied = shape.tiedHead();
        this.dtype = shape.storedDtype();
        this.std = std;
    }

    /** Starts from a named shape, in its stored dtype, with a spread of weights that keeps activations in the usual range. */
    public static SyntheticModel of(ModelShapes shape) {
        return of(shape.config());
    }

    /** Starts from any shape. Its family decides on q/k norms and, for Qwen2, on q/k/v biases; its tokens are replaced. */
    public static SyntheticModel of(ModelConfig shape) {
        // Unit inputs give outputs of about unit size; below that for wide models, as in training's usual 0.02.
        return new SyntheticModel(shape, Math.max(0.02, 1.2 / Math.sqrt(shape.hidden())));
    }

    /**
     * Starts from a model of a few hundred thousand parameters for tests: 2 layers, hidden 64, 4 heads over 2 KV heads, vocabulary of
     * 512, context of 1,024, float32, untied.
     */
    public static SyntheticModel tiny(Family family) {
        return of(ModelShapes.tiny(family)).dtype(DType.FLOAT32);
    }

    /** Sets the seed of the weights. */
    public SyntheticModel seed(long value) {
        seed = value;
        return this;
    }

    /** Sets the dtype that weights are stored in. The same seed gives the same weights, rounded. */
    public SyntheticModel dtype(DType value) {
        dtype = value;
        return this;
    }

    /** Sets the standard deviation of matrices: larger spreads the logits and makes attention more selective. */
    public SyntheticModel std(double value) {
        std = value;
        return this;
    }

    /** Sets whether the output head is the embedding. */
    public SyntheticModel tied(boolean value) {
        tied = value;
        return this;
    }

    /** Spreads the tensors over about so many files with an index; 1 writes a single file without one. */
    public SyntheticModel shards(int value) {
        if (value < 1) {
            throw new IllegalArgumentException("a model can't be spread over " + value + " files");
        }
        shards = value;
        return this;
    }

    /** Sets the rotary embedding. */
    public SyntheticModel rope(RopeConfig value) {
        rope = value;
        return this;
    }

    /** Sets {@code attention_bias}: biases on q, k, v and the output projection. Llama and Qwen3 only. */
    public SyntheticModel attentionBias(boolean value) {
        attentionBias = value;
        return this;
    }

    /** Sets {@code mlp_bias}: biases on the MLP's projections. Llama only. */
    public SyntheticModel mlpBias(boolean value) {
        mlpBias = value;
        return this;
    }

    /** Sets the number of layers. */
    public SyntheticModel layers(int value) {
        layers = value;
        return this;
    }

    /** Sets the width of the residual stream and of the MLP; heads stay as they are. */
    public SyntheticModel width(int newHidden, int newIntermediate) {
        hidden = newHidden;
        intermediate = newIntermediate;
        return this;
    }

    /** Sets query heads, KV heads and their width. */
    public SyntheticModel heads(int query, int keyValue, int width) {
        heads = query;
        kvHeads = keyValue;
        headDim = width;
        return this;
    }

    /** Sets the size of the vocabulary, of the weights and of the tokenizer. */
    public SyntheticModel vocab(int value) {
        vocab = value;
        return this;
    }

    /** Sets the longest sequence. */
    public SyntheticModel context(int tokens) {
        contextTokens = tokens;
        return this;
    }

    /** Sets which tokenizer is written. */
    public SyntheticModel tokenizer(TokenizerKind value) {
        tokenizerKind = value;
        return this;
    }

    /** Returns what a reader of the directory should find. */
    public ModelConfig config() {
        if ((attentionBias && family != Family.LLAMA && family != Family.QWEN3)
                || (mlpBias && family != Family.LLAMA)) {
            throw new IllegalStateException(
                    family + " has no such biases: attention_bias " + attentionBias + ", mlp_bias " + mlpBias);
        }
        SyntheticTokenizer tokenizer = tokenizer();
        return new ModelConfig(
                family,
                hidden,
                intermediate,
                layers,
                heads,
                kvHeads,
                headDim,
                vocab,
                contextTokens,
                normEpsilon,
                rope,
                attentionBias || family == Family.QWEN2,
                attentionBias,
                mlpBias,
                family == Family.QWEN3,
                tied,
                tokenizer.bosToken(),
                tokenizer.endTokens(),
                dtype);
    }

    /** Returns the tokenizer that is written with it. */
    public SyntheticTokenizer tokenizer() {
        return switch (tokenizerKind) {
            case BYTE_LEVEL -> SyntheticTokenizer.byteLevel(vocab);
            case SENTENCE_PIECE -> SyntheticTokenizer.sentencePiece(vocab);
        };
    }

    /** Returns the tensors in the order of the checkpoint, by their Hugging Face names. */
    public List<SyntheticTensor> tensors() {
        ModelConfig config = config();
        NormalWeights matrix = NormalWeights.around(dtype, 0, std);
        NormalWeights bias = NormalWeights.around(dtype, 0, BIAS_STD);
        NormalWeights norm = NormalWeights.around(dtype, 1, NORM_STD);
        NormalWeights embedding = NormalWeights.around(dtype, 0, std * EMBEDDING_SHARE);
        NormalWeights finalNorm = NormalWeights.aroundBoth(dtype, 1 / EMBEDDING_SHARE, NORM_STD);
        int q = heads * headDim;
        int kv = kvHeads * headDim;

        List<SyntheticTensor> tensors = new ArrayList<>();
        tensors.add(embedding.tensor(seed, "model.embed_tokens.weight", vocab, hidden));
        for (int layer = 0; layer < layers; layer++) {
            String at = "model.layers." + layer + ".";
            tensors.add(norm.tensor(seed, at + "input_layernorm.weight", hidden));
            String attention = at + "self_attn.";
            addLinear(tensors, matrix, bias, attention + "q_proj", q, hidden, config.qkvBias());
            addLinear(tensors, matrix, bias, attention + "k_proj", kv, hidden, config.qkvBias());
            addLinear(tensors, matrix, bias, attention + "v_proj", kv, hidden, config.qkvBias());
            if (config.qkNorm()) {
                tensors.add(norm.tensor(seed, attention + "q_norm.weight", headDim));
                tensors.add(norm.tensor(seed, attention + "k_norm.weight", headDim));
            }
            addLinear(tensors, matrix, bias, attention + "o_proj", hidden, q, config.outputBias());
            tensors.add(norm.tensor(seed, at + "post_attention_layernorm.weight", hidden));
            addLinear(tensors, matrix, bias, at + "mlp.gate_proj", intermediate, hidden, mlpBias);
            addLinear(tensors, matrix, bias, at + "mlp.up_proj", intermediate, hidden, mlpBias);
            addLinear(tensors, matrix, bias, at + "mlp.down_proj", hidden, intermediate, mlpBias);
        }
        tensors.add(finalNorm.tensor(seed, "model.norm.weight", hidden));
        if (!tied) {
            tensors.add(embedding.tensor(seed, "lm_head.weight", vocab, hidden));
        }
        return tensors;
    }

    /**
     * Writes the whole directory, creating it if need be, and returns it.
     *
     * @throws FileAlreadyExistsException if there are weights in it already: they may be somebody's real model, and shards left over from
     *     another run would be read with these
     */
    public Path write(Path directory) throws IOException {
        Files.createDirectories(directory);
        try (DirectoryStream<Path> weights = Files.newDirectoryStream(directory, "*.safetensors*")) {
            for (Path file : weights) {
                throw new FileAlreadyExistsException(
                        file.toString(), null, "a synthetic model doesn't overwrite weights");
            }
        }
        ConfigFiles.write(directory, config(), attentionBias);
        tokenizer().write(directory);
        List<SyntheticTensor> tensors = tensors();
        long bytes = tensors.stream().mapToLong(SyntheticTensor::bytes).sum();
        SafetensorsWriter.writeModel(directory, tensors, shards == 1 ? ONE_SHARD : bytes / shards + 1);
        return directory;
    }

    private void addLinear(
            List<SyntheticTensor> tensors,
            NormalWeights matrix,
            NormalWeights bias,
            String name,
            int outputs,
            int inputs,
            boolean withBias) {
        tensors.add(matrix.tensor(seed, name + ".weight", outputs, inputs));
        if (withBias) {
            tensors.add(bias.tensor(seed, name + ".bias", outputs));
        }
    }
}
