package dev.kvasir.runner.torch;

import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import dev.kvasir.pool.KvLayout;
import dev.kvasir.runner.BufferTensor;
import dev.kvasir.runner.DType;
import dev.kvasir.runner.KvDevice;
import dev.kvasir.runner.KvDevice.Places;
import dev.kvasir.runner.ModelConfig;
import dev.kvasir.runner.PartialAttention;
import dev.kvasir.runner.StepRow;
import dev.kvasir.runner.TensorRef;
import org.jspecify.annotations.Nullable;

/**
 * Java drives the layers; keys, values and attention are a device's own, everything else is Torch's. Where Torch computes on the same device, tensors are
 * lent between the two; else in each layer queries, keys and values go there by copies, and attention's output comes back.
 */
final class DevicePlan implements ForwardPlan {
    private final TorchModule module;
    private final TorchPlace place;
    private final KvDevice device;
    private final PartialAttention attention;
    private final boolean isLocal;
    private final ModelConfig config;
    private final KvLayout layout;
    private final LayerTensors tensors;
    private @Nullable BufferTensor queries; // for executors that read them here

    /**
     * Creates a plan.
     *
     * @param place where Torch computes
     * @param attention the device's own, or one around it
     * @param isLocal whether it is the device's own, which reads queries where they are
     */
    DevicePlan(
            PtNDManager manager,
            TorchPlace place,
            TorchModule module,
            KvDevice device,
            PartialAttention attention,
            boolean isLocal,
            ModelConfig config,
            KvLayout layout,
            DType dtype) {
        this.place = place;
        this.module = module;
        this.device = device;
        this.attention = attention;
        this.isLocal = isLocal;
        this.config = config;
        this.layout = layout;
        // Another one than the device's own reads and writes on the host.
        tensors = new LayerTensors(manager, isLocal ? place : TorchPlace.HOST, module, config, dtype);
    }

    @Override
    public PtNDArray forward(PtNDManager step, PackedStep packed) {
        tensors.reserve(packed.tokens());
        device.begin(places(packed));
        PartialAttention.Launch launch = attention.prepare(packed.spans());
        PtNDArray x = module.tensor(step, "embed", packed.meta(), packed.tokens());
        for (int layer = 0; layer < config.layers(); layer++) {
            try (NDList projected = module.tensors(step, "qkv_contiguous", layer, x)) {
                TensorRef rotated = device.append(
                        layer,
                        place.ref((PtNDArray) projected.get(0), tensors.dtype()),
                        place.ref((PtNDArray) projected.get(1), tensors.dtype()));
                launch.attend(layer, isLocal ? rotated : here(rotated), tensors.output(), tensors.logsumexp());
            }
            PtNDArray next =
                    module.tensor(step, "finish", layer, x, tensors.output().array());
            x.close();
            x = next;
        }
        return x;
    }

    private TensorRef here(TensorRef rotated) {
        long[] shape = rotated.shape();
        BufferTensor to = queries;
        if (to == null || to.shape()[0] != shape[0]) {
            queries = to = BufferTensor.zeros(rotated.dtype(), shape);
        }
        device.fetch(rotated, to);
        return to;
    }

    private Places places(PackedStep packed) {
        Places places = new Places(new int[packed.tokens()], new int[packed.tokens()], new int[packed.tokens()]);
        int at = 0;
        for (StepRow row : packed.rows()) {
            for (int p = row.from(); p < row.to(); p++, at++) {
                places.positions()[at] = p;
                places.slots()[at] = row.slots()[p / layout.segmentTokens()];
                places.offsets()[at] = p % layout.segmentTokens();
            }
        }
        return places;
    }
}
