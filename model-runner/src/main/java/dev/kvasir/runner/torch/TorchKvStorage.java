package dev.kvasir.runner.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import dev.kvasir.pool.KvDtype;
import dev.kvasir.pool.KvLayout;
import dev.kvasir.pool.SlotStorage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/** The device tier's memory: one torch tensor (slots, layers, 2, kvHeads, segmentTokens, headDim), zeroed. */
final class TorchKvStorage implements SlotStorage {
    private static final byte[] ZEROS = new byte[1 << 16];

    private final int slots;
    private final PtNDArray memory;
    private final ByteBuffer[] views;

    TorchKvStorage(PtNDManager manager, KvLayout layout, int slots) {
        this.slots = slots;
        Shape shape = new Shape(slots, layout.layers(), 2, layout.kvHeads(), layout.segmentTokens(), layout.headDim());
        // DJL can't make a bfloat16 tensor; float16 has the same size, and the module reads the bits as bfloat16.
        DataType type = layout.dtype() == KvDtype.FLOAT32 ? DataType.FLOAT32 : DataType.FLOAT16;
        memory = (PtNDArray) manager.zeros(shape, type);
        views = new ByteBuffer[slots];
    }

    /** Returns the tensor; bfloat16 stands in it as float16. */
    PtNDArray memory() {
        return memory;
    }

    @Override
    public int slots() {
        return slots;
    }

    @Override
    public ByteBuffer slot(int slot) {
        Objects.checkIndex(slot, slots);
        ByteBuffer view = views[slot];
        if (view == null) {
            // Small views, since a ByteBuffer over the whole pool ends at 2 GiB.
            try (NDArray part = memory.get(slot)) {
                view = JniUtils.getByteBuffer((PtNDArray) part, true);
            }
            views[slot] = view;
        }
        return view.duplicate().order(ByteOrder.nativeOrder()).clear();
    }

    @Override
    public void clear(int slot) {
        ByteBuffer bytes = slot(slot);
        while (bytes.hasRemaining()) {
            bytes.put(ZEROS, 0, Math.min(ZEROS.length, bytes.remaining()));
        }
    }
}
