package dev.kvasir.runner.torch;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A one-dimensional tensor over a direct buffer that Java writes and TorchScript reads, kept from step to step: a new tensor of 64
 * KB each step would cost 86 microseconds and direct memory that waits for a garbage collection.
 */
final class GrowingBuffer {
    private final PtNDManager manager;
    private final DataType type;
    private ByteBuffer buffer;
    private PtNDArray tensor;

    GrowingBuffer(PtNDManager manager, DataType type, int elements) {
        this.manager = manager;
        this.type = type;
        buffer = allocate(elements);
        tensor = wrap();
    }

    /** Makes room for {@code elements}; what was written before is lost when it grows. */
    void reserve(int elements) {
        if (elements * (long) type.getNumOfBytes() > buffer.capacity()) {
            tensor.close();
            buffer = allocate(Math.max(elements, buffer.capacity() / type.getNumOfBytes() * 2));
            tensor = wrap();
        }
    }

    /** Returns the memory; write by absolute index times the element's size. */
    ByteBuffer buffer() {
        return buffer;
    }

    PtNDArray tensor() {
        return tensor;
    }

    private ByteBuffer allocate(int elements) {
        return ByteBuffer.allocateDirect(Math.multiplyExact(elements, type.getNumOfBytes()))
                .order(ByteOrder.nativeOrder());
    }

    private PtNDArray wrap() {
        long elements = buffer.capacity() / type.getNumOfBytes();
        return (PtNDArray) manager.create(buffer, new Shape(elements), type);
    }
}
