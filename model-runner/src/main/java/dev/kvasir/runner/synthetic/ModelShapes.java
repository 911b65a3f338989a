package dev.kvasir.runner.synthetic;

import dev.kvasir.runner.DType;
import dev.kvasir.runner.ModelConfig;
import dev.kvasir.runner.ModelConfig.Family;
import dev.kvasir.runner.RopeConfig;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Dimensions of published models, and tiny ones of each family for tests. Names are those of the benchmark's command line. */
public enum ModelShapes {
    QWEN25_05B("qwen2.5-0.5b"),
    LLAMA32_1B("llama-3.2-1b"),
    /**
     * As many layers and heads as {@link #QWEN25_05B} and next to no arithmetic in them: what a step of it takes is what a step of the
     * other takes around its tensor operations.
     */
    QWEN25_05B_NARROW("qwen2.5-0.5b-narrow"),
    TINY_LLAMA("tiny-llama"),
    TINY_MISTRAL("tiny-mistral"),
    TINY_QWEN2("tiny-qwen2"),
    TINY_QWEN3("tiny-qwen3");

    private final String title;

    ModelShapes(String title) {
        this.title = title;
    }

    /** Returns the shape of this name. */
    public static Optional<ModelShapes> named(String title) {
        return Arrays.stream(values())
                .filter(shape -> shape.title.equals(title))
                .findFirst();
    }

    /** Returns the tiny shape of a family. */
    public static ModelShapes tiny(Family family) {
        return switch (family) {
            case LLAMA -> TINY_LLAMA;
            case MISTRAL -> TINY_MISTRAL;
            case QWEN2 -> TINY_QWEN2;
            case QWEN3 -> TINY_QWEN3;
        };
    }

    /** Returns the name: {@code qwen2.5-0.5b}. */
    public String title() {
        return title;
    }

    /** Returns the dimensions; end tokens are none, since they come with a tokenizer. */
    public ModelConfig config() {
        return switch (this) {
            case QWEN25_05B ->
                shape(
                        Family.QWEN2,
                        dims(896, 4864, 24, 14, 2, 64, 151_936, 32_768),
                        1e-6f,
                        RopeConfig.plain(1_000_000),
                        true);
            case LLAMA32_1B ->
                shape(
                        Family.LLAMA,
                        dims(2048, 8192, 16, 32, 8, 64, 128_256, 131_072),
                        1e-5f,
                        new RopeConfig(500_000, RopeConfig.Scaling.LLAMA3, 32, 1, 4, 8192),
                        true);
            case QWEN25_05B_NARROW ->
                shape(Family.QWEN2, dims(28, 16, 24, 14, 2, 2, 512, 32_768), 1e-6f, RopeConfig.plain(1_000_000), true);
            case TINY_LLAMA -> tiny(Family.LLAMA, 16);
            case TINY_MISTRAL -> tiny(Family.MISTRAL, 16);
            case TINY_QWEN2 -> tiny(Family.QWEN2, 16);
            // Heads wider than hidden / heads, as in the published Qwen3 models.
            case TINY_QWEN3 -> tiny(Family.QWEN3, 32);
        };
    }

    private record Dims(
            int hidden, int intermediate, int layers, int heads, int kvHeads, int headDim, int vocab, int context) {}

    private static Dims dims(
            int hidden, int intermediate, int layers, int heads, int kvHeads, int headDim, int vocab, int context) {
        return new Dims(hidden, intermediate, layers, heads, kvHeads, headDim, vocab, context);
    }

    private static ModelConfig tiny(Family family, int headDim) {
        return shape(family, dims(64, 112, 2, 4, 2, headDim, 512, 1024), 1e-5f, RopeConfig.plain(10_000), false);
    }

    private static ModelConfig shape(Family family, Dims dims, float normEpsilon, RopeConfig rope, boolean tied) {
        return new ModelConfig(
                family,
                dims.hidden,
                dims.intermediate,
                dims.layers,
                dims.heads,
                dims.kvHeads,
                dims.headDim,
                dims.vocab,
                dims.context,
                normEpsilon,
                rope,
                family == Family.QWEN2,
                false,
                false,
                family == Family.QWEN3,
                tied,
                null,
                List.of(),
                DType.BFLOAT16);
    }
}
