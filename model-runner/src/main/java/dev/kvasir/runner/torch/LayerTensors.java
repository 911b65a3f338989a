package dev.kvasir.runner.torch;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import dev.kvasir.runner.DType;
import dev.kvasir.runner.ModelConfig;
import org.jspecify.annotations.Nullable;

/** Where attention of one layer goes when Java drives the layers: kept from step to step, and grown when a step has more tokens. */
final class LayerTensors {
    private final PtNDManager manager;
    private final TorchPlace place;
    private final TorchModule module;
    private final ModelConfig config;
    private final DType dtype;
    private @Nullable TorchTensor output; // (capacity, heads, headDim)
    private @Nullable TorchTensor logsumexp; // (capacity, heads)

    LayerTensors(PtNDManager manager, TorchPlace place, TorchModule module, ModelConfig config, DType dtype) {
        this.manager = manager;
        this.place = place;
        this.module = module;
        this.config = config;
        this.dtype = dtype;
    }

    /** Makes room for so many tokens. */
    void reserve(int tokens) {
        TorchTensor old = output;
        if (old != null && old.shape()[0] >= tokens) {
            return;
        }
        close(old);
        close(logsumexp);
        output = allocate(dtype, tokens, config.heads(), config.headDim());
        logsumexp = allocate(DType.FLOAT32, tokens, config.heads());
    }

    TorchTensor output() {
        return reserved(output);
    }

    TorchTensor logsumexp() {
        return reserved(logsumexp);
    }

    DType dtype() {
        return dtype;
    }

    private static TorchTensor reserved(@Nullable TorchTensor tensor) {
        if (tensor == null) {
            throw new IllegalStateException("no room was made");
        }
        return tensor;
    }

    private static void close(@Nullable TorchTensor tensor) {
        if (tensor != null) {
            tensor.array().close();
        }
    }

    private TorchTensor allocate(DType type, long... shape) {
        if (type == DType.FLOAT32) {
            return place.ref((PtNDArray) manager.zeros(new Shape(shape), DataType.FLOAT32, place.device()), type);
        }
        try (PtNDArray bits = (PtNDArray) manager.zeros(new Shape(shape), DataType.FLOAT16, place.device())) {
            return place.ref(type == DType.FLOAT16 ? bits : module.tensor(manager, "as_bfloat16", bits), type);
        }
    }
}
