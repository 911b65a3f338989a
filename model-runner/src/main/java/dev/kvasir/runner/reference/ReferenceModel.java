package dev.kvasir.runner.reference;

import dev.kvasir.runner.ModelConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A forward pass in plain Java and float64, for the Llama, Mistral, Qwen2 and Qwen3 architectures. It computes every position anew and keeps
 * nothing: slow, and easy to check against the papers. All weights are held as doubles, so it is for small models.
 */
public final class ReferenceModel {
    private final ModelConfig config;
    private final double[] embedding; // (vocab, hidden)
    private final List<Layer> layers = new ArrayList<>();
    private final RmsNorm finalNorm;
    private final Linear head; // (vocab, hidden)
    private final Rotary rotary;

    private record Layer(
            RmsNorm attentionNorm,
            Linear query,
            Linear key,
            Linear value,
            @Nullable RmsNorm queryNorm,
            @Nullable RmsNorm keyNorm,
            Linear attentionOutput,
            RmsNorm mlpNorm,
            Linear gate,
            Linear up,
            Linear down) {}

    /** Reads the weights, all of them. */
    public ReferenceModel(ModelConfig config, Weights weights) {
        this.config = config;
        int hidden = config.hidden();
        embedding = weights.get("model.embed_tokens.weight", config.vocab(), hidden);
        for (int i = 0; i < config.layers(); i++) {
            layers.add(readLayer(weights, "model.layers." + i + "."));
        }
        finalNorm = norm(weights, "model.norm", hidden);
        head = config.tiedHead()
                ? Linear.of(embedding, hidden)
                : Linear.read(weights, "lm_head", config.vocab(), hidden, false);
        rotary = new Rotary(config.rope(), config.headDim());
    }

    private Layer readLayer(Weights weights, String at) {
        int hidden = config.hidden();
        int q = config.heads() * config.headDim();
        int kv = config.kvHeads() * config.headDim();
        String attention = at + "self_attn.";
        String mlp = at + "mlp.";
        return new Layer(
                norm(weights, at + "input_layernorm", hidden),
                Linear.read(weights, attention + "q_proj", q, hidden, config.qkvBias()),
                Linear.read(weights, attention + "k_proj", kv, hidden, config.qkvBias()),
                Linear.read(weights, attention + "v_proj", kv, hidden, config.qkvBias()),
                config.qkNorm() ? norm(weights, attention + "q_norm", config.headDim()) : null,
                config.qkNorm() ? norm(weights, attention + "k_norm", config.headDim()) : null,
                Linear.read(weights, attention + "o_proj", hidden, q, config.outputBias()),
                norm(weights, at + "post_attention_layernorm", hidden),
                Linear.read(weights, mlp + "gate_proj", config.intermediate(), hidden, config.mlpBias()),
                Linear.read(weights, mlp + "up_proj", config.intermediate(), hidden, config.mlpBias()),
                Linear.read(weights, mlp + "down_proj", hidden, config.intermediate(), config.mlpBias()));
    }

    private RmsNorm norm(Weights weights, String name, int width) {
        return new RmsNorm(weights.get(name + ".weight", width), config.normEpsilon());
    }

    /** Returns the logits after each token: (tokens, vocab). */
    public double[][] logits(int[] tokens) {
        return logits(tokens, 0, Visibility.ALL);
    }

    /**
     * Returns the logits after each token from {@code from} on: (tokens - from, vocab). Positions stay as they are, whatever is hidden.
     *
     * @param visibility what each token attends to
     */
    public double[][] logits(int[] tokens, int from, Visibility visibility) {
        double[][] residual = forward(tokens, visibility);
        return Arrays.stream(residual, from, residual.length)
                .map(this::logitsOf)
                .toArray(double[][]::new);
    }

    /** Returns the logits after the last token alone: (vocab). */
    public double[] lastLogits(int[] tokens) {
        return logits(tokens, tokens.length - 1, Visibility.ALL)[0];
    }

    /** Returns the hidden states behind the final norm: (tokens, hidden). */
    public double[][] hiddenStates(int[] tokens) {
        return Arrays.stream(forward(tokens, Visibility.ALL))
                .map(finalNorm::apply)
                .toArray(double[][]::new);
    }

    /** Returns the {@code count} tokens that follow the prompt when the most likely one is always taken; end tokens don't end it. */
    public int[] greedy(int[] prompt, int count) {
        int[] tokens = Arrays.copyOf(prompt, prompt.length + count);
        for (int length = prompt.length; length < tokens.length; length++) {
            tokens[length] = argmax(lastLogits(Arrays.copyOf(tokens, length)));
        }
        return Arrays.copyOfRange(tokens, prompt.length, tokens.length);
    }

    /** Returns the index of the largest element, the first of equals. */
    public static int argmax(double[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            if (values[i] > values[best]) {
                best = i;
            }
        }
        return best;
    }

    /** Returns the natural logarithms of the probabilities that these logits stand for. */
    public static double[] logSoftmax(double[] logits) {
        double max = Arrays.stream(logits).max().orElseThrow();
        double sum = Arrays.stream(logits).map(logit -> Math.exp(logit - max)).sum();
        double logSum = max + Math.log(sum);
        return Arrays.stream(logits).map(logit -> logit - logSum).toArray();
    }

    /** Returns by how much the largest element exceeds the second: how close greedy decoding was to another token. */
    public static double topTwoMargin(double[] logits) {
        if (logits.length < 2) {
            throw new IllegalArgumentException("a margin needs two logits, not " + logits.length);
        }
        double[] sorted = logits.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length - 1] - sorted[sorted.length - 2];
    }

    // Returns the residual stream behind the last layer: (tokens, hidden).
    private double[][] forward(int[] tokens, Visibility visibility) {
        // Embedding.
        double[][] residual = new double[tokens.length][];
        for (int t = 0; t < tokens.length; t++) {
            if (tokens[t] < 0 || tokens[t] >= config.vocab()) {
                throw new IllegalArgumentException("token " + tokens[t] + " of a vocabulary of " + config.vocab());
            }
            int row = tokens[t] * config.hidden();
            residual[t] = Arrays.copyOfRange(embedding, row, row + config.hidden());
        }
        for (Layer layer : layers) {
            attend(layer, residual, visibility);
            for (double[] x : residual) {
                feedForward(layer, x);
            }
        }
        return residual;
    }

    private void attend(Layer layer, double[][] residual, Visibility visibility) {
        int tokens = residual.length;
        int headDim = config.headDim();
        double[][] queries = new double[tokens][]; // (tokens, heads x headDim)
        double[][] keys = new double[tokens][]; // (tokens, kvHeads x headDim)
        double[][] values = new double[tokens][]; // (tokens, kvHeads x headDim)
        for (int t = 0; t < tokens; t++) {
            // RMS norm before attention.
            double[] x = layer.attentionNorm.apply(residual[t]);

            // Query, key and value projections, with bias where the family has one.
            queries[t] = layer.query.apply(x);
            keys[t] = layer.key.apply(x);
            values[t] = layer.value.apply(x);

            // Qwen3: RMS norm of every head of q and k, before rotation.
            normHeads(layer.queryNorm, queries[t]);
            normHeads(layer.keyNorm, keys[t]);

            // Rotary position embedding of q and k.
            for (int from = 0; from < queries[t].length; from += headDim) {
                rotary.rotate(queries[t], from, t);
            }
            for (int from = 0; from < keys[t].length; from += headDim) {
                rotary.rotate(keys[t], from, t);
            }
        }
        for (int t = 0; t < tokens; t++) {
            // Causal attention, head by head; heads of a group share keys and values.
            int[] seen = seen(t, visibility);
            double[] mixed = new double[config.heads() * headDim];
            for (int head = 0; head < config.heads(); head++) {
                attendHead(head, seen, queries[t], keys, values, mixed);
            }
            // Output projection and residual connection.
            add(residual[t], layer.attentionOutput.apply(mixed));
        }
    }

    // The positions that the token at t attends to, ascending.
    private static int[] seen(int t, Visibility visibility) {
        int[] seen =
                IntStream.rangeClosed(0, t).filter(s -> visibility.sees(t, s)).toArray();
        if (seen.length == 0 || seen[seen.length - 1] != t) {
            throw new IllegalArgumentException("token " + t + " doesn't see itself");
        }
        return seen;
    }

    // Softmax of q.k / sqrt(headDim) over the positions seen, then the weighted sum of their values.
    private void attendHead(int head, int[] seen, double[] query, double[][] keys, double[][] values, double[] mixed) {
        int headDim = config.headDim();
        int from = head * headDim;
        int kvFrom = head / config.group() * headDim;
        double[] scores = new double[seen.length];
        for (int s = 0; s < seen.length; s++) {
            double[] key = keys[seen[s]];
            double dot = 0;
            for (int i = 0; i < headDim; i++) {
                dot += query[from + i] * key[kvFrom + i];
            }
            scores[s] = dot / Math.sqrt(headDim);
        }
        double[] logProbabilities = logSoftmax(scores);
        for (int s = 0; s < seen.length; s++) {
            double probability = Math.exp(logProbabilities[s]);
            double[] value = values[seen[s]];
            for (int i = 0; i < headDim; i++) {
                mixed[from + i] += probability * value[kvFrom + i];
            }
        }
    }

    private void feedForward(Layer layer, double[] residual) {
        // RMS norm before the MLP.
        double[] x = layer.mlpNorm.apply(residual);

        // SwiGLU (arXiv 2002.05202): down(silu(gate(x)) * up(x)).
        double[] gate = layer.gate.apply(x);
        double[] up = layer.up.apply(x);
        double[] inner = new double[gate.length];
        for (int i = 0; i < inner.length; i++) {
            inner[i] = gate[i] / (1 + Math.exp(-gate[i])) * up[i];
        }

        // Residual connection.
        add(residual, layer.down.apply(inner));
    }

    private double[] logitsOf(double[] residual) {
        // Final RMS norm and output head, which is the embedding where they are tied.
        return head.apply(finalNorm.apply(residual));
    }

    private void normHeads(@Nullable RmsNorm norm, double[] heads) {
        if (norm != null) {
            for (int from = 0; from < heads.length; from += config.headDim()) {
                norm.applyInPlace(heads, from);
            }
        }
    }

    private static void add(double[] to, double[] what) {
        for (int i = 0; i < to.length; i++) {
            to[i] += what[i];
        }
    }
}
