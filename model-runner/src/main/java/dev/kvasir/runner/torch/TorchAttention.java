package dev.kvasir.runner.torch;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import dev.kvasir.pool.KvLayout;
import dev.kvasir.runner.DType;
import dev.kvasir.runner.PartialAttention;
import dev.kvasir.runner.TensorRef;
import java.nio.ByteOrder;
import java.util.List;

/** Partial attention in TorchScript, over the pool that the module is bound to. */
final class TorchAttention implements PartialAttention {
    private final PtNDManager manager;
    private final TorchModule module;
    private final AttentionPacker packer;
    private final GrowingBuffer meta;
    private final int segmentTokens;

    TorchAttention(PtNDManager manager, TorchModule module, KvLayout layout) {
        this.manager = manager;
        this.module = module;
        segmentTokens = layout.segmentTokens();
        packer = new AttentionPacker(segmentTokens, layout.kvHeads(), layout.headDim());
        meta = new GrowingBuffer(manager, DataType.INT64, 4 * 1024);
    }

    @Override
    public Launch prepare(List<Span> spans) {
        meta.reserve(AttentionPacker.bound(spans, segmentTokens));
        packer.pack(spans, meta.buffer(), 0);
        module.call("prepare_attention", meta.tensor(), packer.groups(), packer.chunks(), packer.scratchElements());
        return this::attend;
    }

    private void attend(int layer, TensorRef query, TensorRef output, TensorRef logsumexp) {
        try (PtNDManager call = (PtNDManager) manager.newSubManager()) {
            PtNDArray o = array(output, call);
            PtNDArray lse = array(logsumexp, call);
            module.call("attend", layer, array(query, call), o, lse);
            for (int[] span : packer.blind()) {
                module.call("blind", o, lse, span[0], span[1]);
            }
        }
    }

    private PtNDArray array(TensorRef tensor, PtNDManager call) {
        if (tensor instanceof TorchTensor torch) {
            return torch.array();
        }
        if (tensor.dtype() == DType.BFLOAT16) {
            return module.tensor(call, "as_bfloat16", wrap(tensor, DataType.FLOAT16, call));
        }
        return wrap(tensor, tensor.dtype() == DType.FLOAT32 ? DataType.FLOAT32 : DataType.FLOAT16, call);
    }

    private static PtNDArray wrap(TensorRef tensor, DataType type, PtNDManager call) {
        long stride = 1;
        for (int i = tensor.shape().length - 1; i >= 0; i--) {
            if (tensor.strides()[i] != stride) {
                throw new IllegalArgumentException("the Torch executor takes contiguous tensors from elsewhere");
            }
            stride *= tensor.shape()[i];
        }
        return (PtNDArray) call.create(tensor.buffer().order(ByteOrder.nativeOrder()), new Shape(tensor.shape()), type);
    }
}
