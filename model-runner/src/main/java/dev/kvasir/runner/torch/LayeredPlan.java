package dev.kvasir.runner.torch;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import dev.kvasir.runner.DType;
import dev.kvasir.runner.ModelConfig;
import dev.kvasir.runner.PartialAttention;
import org.jspecify.annotations.Nullable;

/** Java drives the layers and hands attention to an executor of any kind: JCuda, another node, plain Java, Torch. */
final class LayeredPlan implements ForwardPlan {
    private final PtNDManager manager;
    private final TorchModule module;
    private final PartialAttention attention;
    private final ModelConfig config;
    private final DType dtype;
    // (capacity, heads, headDim) and (capacity, heads), kept from step to step
    private @Nullable TorchTensor output;
    private @Nullable TorchTensor logsumexp;

    LayeredPlan(PtNDManager manager, TorchModule module, PartialAttention attention, ModelConfig config, DType dtype) {
        this.manager = manager;
        this.module = module;
        this.attention = attention;
        this.config = config;
        this.dtype = dtype;
    }

    @Override
    public PtNDArray forward(PtNDManager step, PackedStep packed) {
        TorchTensor o = output;
        TorchTensor lse = logsumexp;
        if (o == null || lse == null || o.shape()[0] < packed.tokens()) {
            close(o);
            close(lse);
            output = o = allocate(dtype, packed.tokens(), config.heads(), config.headDim());
            logsumexp = lse = allocate(DType.FLOAT32, packed.tokens(), config.heads());
        }
        module.call("begin_step", packed.meta(), packed.tokens());
        PartialAttention.Launch launch = attention.prepare(packed.spans());
        PtNDArray x = module.tensor(step, "embed", packed.meta(), packed.tokens());
        for (int layer = 0; layer < config.layers(); layer++) {
            try (PtNDArray query = module.tensor(step, "project", layer, x)) {
                launch.attend(layer, new TorchTensor(query, dtype), o, lse);
            }
            PtNDArray next = module.tensor(step, "finish", layer, x, o.array());
            x.close();
            x = next;
        }
        return x;
    }

    private static void close(@Nullable TorchTensor tensor) {
        if (tensor != null) {
            tensor.array().close();
        }
    }

    private TorchTensor allocate(DType type, long... shape) {
        if (type == DType.FLOAT32) {
            return new TorchTensor((PtNDArray) manager.zeros(new Shape(shape), DataType.FLOAT32), type);
        }
        try (PtNDArray bits = (PtNDArray) manager.zeros(new Shape(shape), DataType.FLOAT16)) {
            return new TorchTensor(type == DType.FLOAT16 ? bits : module.tensor(manager, "as_bfloat16", bits), type);
        }
    }
}
