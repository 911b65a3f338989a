package dev.kvasir.runner;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A Llama-family model's shape, read from {@code config.json} and {@code generation_config.json}.
 *
 * @param family which published architecture
 * @param hidden width of the residual stream
 * @param intermediate width of the MLP
 * @param layers transformer layers
 * @param heads query heads
 * @param kvHeads key/value heads; divides {@code heads}
 * @param headDim width of a head; not always {@code hidden / heads}
 * @param vocab rows of the embedding
 * @param contextTokens longest sequence, {@code max_position_embeddings}
 * @param normEpsilon of RMSNorm
 * @param rope rotary settings
 * @param qkvBias whether the q, k and v projections have a bias (Qwen2; Llama with {@code attention_bias})
 * @param outputBias whether the attention's output projection has one (Llama with {@code attention_bias})
 * @param mlpBias whether the MLP's projections have one
 * @param qkNorm whether each head of q and k is RMS-normalised before rotation (Qwen3)
 * @param tiedHead whether the output head is the embedding
 * @param bosToken token that begins a text, if the model has one
 * @param endTokens every token that ends a generation
 * @param storedDtype dtype the checkpoint's config names
 */
public record ModelConfig(
        Family family,
        int hidden,
        int intermediate,
        int layers,
        int heads,
        int kvHeads,
        int headDim,
        int vocab,
        int contextTokens,
        float normEpsilon,
        RopeConfig rope,
        boolean qkvBias,
        boolean outputBias,
        boolean mlpBias,
        boolean qkNorm,
        boolean tiedHead,
        @Nullable Integer bosToken,
        List<Integer> endTokens,
        DType storedDtype) {
    /** Published architectures that Kvasir runs. */
    public enum Family {
        LLAMA,
        MISTRAL,
        QWEN2,
        QWEN3
    }

    public ModelConfig {
        endTokens = List.copyOf(endTokens);
        if (hidden < 1
                || intermediate < 1
                || layers < 1
                || heads < 1
                || kvHeads < 1
                || vocab < 1
                || contextTokens < 1) {
            throw new IllegalArgumentException("every dimension must be positive: hidden " + hidden + ", intermediate "
                    + intermediate + ", layers " + layers + ", heads " + heads + ", KV heads " + kvHeads
                    + ", vocabulary "
                    + vocab + ", context " + contextTokens);
        }
        if (heads % kvHeads != 0) {
            throw new IllegalArgumentException(heads + " heads can't share " + kvHeads + " KV heads evenly");
        }
        if (headDim < 2 || headDim % 2 != 0) {
            throw new IllegalArgumentException("the head dimension must be even, not " + headDim);
        }
    }

    /** Returns query heads per KV head. */
    public int group() {
        return heads / kvHeads;
    }
}
