package dev.kvasir.runner.torch;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import dev.kvasir.runner.DType;
import dev.kvasir.runner.ModelConfig;
import dev.kvasir.runner.PartialAttention;

/** Java drives the layers and hands attention to an executor of any kind: JCuda, another node, plain Java, Torch. */
final class LayeredPlan implements ForwardPlan {
    private final TorchModule module;
    private final PartialAttention attention;
    private final ModelConfig config;
    private final LayerTensors tensors;

    LayeredPlan(PtNDManager manager, TorchModule module, PartialAttention attention, ModelConfig config, DType dtype) {
        this.module = module;
        this.attention = attention;
        this.config = config;
        tensors = new LayerTensors(manager, TorchPlace.HOST, module, config, dtype);
    }

    @Override
    public PtNDArray forward(PtNDManager step, PackedStep packed) {
        tensors.reserve(packed.tokens());
        module.call("begin_step", packed.meta(), packed.tokens());
        PartialAttention.Launch launch = attention.prepare(packed.spans());
        PtNDArray x = module.tensor(step, "embed", packed.meta(), packed.tokens());
        for (int layer = 0; layer < config.layers(); layer++) {
            try (PtNDArray query = module.tensor(step, "project", layer, x)) {
                launch.attend(
                        layer, TorchPlace.HOST.ref(query, tensors.dtype()), tensors.output(), tensors.logsumexp());
            }
            PtNDArray next =
                    module.tensor(step, "finish", layer, x, tensors.output().array());
            x.close();
            x = next;
        }
        return x;
    }
}
