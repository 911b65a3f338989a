package dev.kvasir.runner.torch;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;

/** One TorchScript call for all layers: when all keys and values are local and attention is Torch's. */
final class FusedPlan implements ForwardPlan {
    private final TorchModule module;
    private final TorchAttention attention;

    FusedPlan(TorchModule module, TorchAttention attention) {
        this.module = module;
        this.attention = attention;
    }

    @Override
    public PtNDArray forward(PtNDManager manager, PackedStep step) {
        module.call("begin_step", step.meta(), step.tokens());
        attention.prepare(step.spans());
        return module.tensor(manager, "forward_layers", step.meta(), step.tokens());
    }
}
