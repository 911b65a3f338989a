package dev.kvasir.runner.torch;

import dev.kvasir.runner.DType;
import dev.kvasir.runner.ModelConfig;
import dev.kvasir.runner.torch.ScriptArchive.ListType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/**
 * The TorchScript of a Llama-family model. The methods are the same text for every model (the {@code .py} resources beside this
 * class); the config becomes the module's attributes.
 */
final class LlamaScript {
    private static final List<String> SOURCES = List.of("weights.py", "layers.py", "attention.py", "sampling.py");
    private static final List<String> TENSOR_LISTS = List.of(
            "home",
            "linears",
            "embedding",
            "attention_norms",
            "mlp_norms",
            "head_norms",
            "final_norm",
            "cos",
            "sin",
            "pool",
            "segment_rows",
            "token_rows",
            "scratch",
            "step_cos",
            "step_sin",
            "append_rows",
            "group_rows",
            "group_masks",
            "chunk_rows",
            "chunk_masks");

    private LlamaScript() {}

    /**
     * Returns the archive of an empty model.
     *
     * @param dtype of weights, activations and pool
     * @param packed whether matrices are reordered for oneDNN
     */
    static byte[] archive(ModelConfig config, DType dtype, boolean packed, int segmentTokens) {
        ScriptArchive archive = new ScriptArchive()
                .attribute("dtype", torchCode(dtype))
                .attribute("packed", packed)
                .attribute("layers", config.layers())
                .attribute("hidden", config.hidden())
                .attribute("intermediate", config.intermediate())
                .attribute("heads", config.heads())
                .attribute("kv_heads", config.kvHeads())
                .attribute("head_dim", config.headDim())
                .attribute("epsilon", (double) config.normEpsilon())
                .attribute("qk_norm", config.qkNorm())
                .attribute("segment_tokens", segmentTokens)
                .attribute("row_elements", (long) segmentTokens * config.headDim())
                .emptyList("biases", ListType.OPTIONAL_TENSORS)
                .emptyList("groups", ListType.INTS)
                .emptyList("chunks", ListType.INTS);
        TENSOR_LISTS.forEach(name -> archive.emptyList(name, ListType.TENSORS));
        SOURCES.forEach(name -> archive.methods(source(name)));
        return archive.write();
    }

    private static int torchCode(DType dtype) {
        return switch (dtype) {
            case FLOAT32 -> 6;
            case FLOAT16 -> 5;
            case BFLOAT16 -> 15;
        };
    }

    private static String source(String name) {
        try (InputStream in = Objects.requireNonNull(LlamaScript.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
