package dev.kvasir.runner;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A tensor as it lies in a checkpoint, row-major and little-endian.
 *
 * @param dtype element type
 * @param shape sizes, outermost first; lent
 * @param data its bytes: direct, a view of the mapped file, valid while the checkpoint is open
 */
public record StoredTensor(DType dtype, long[] shape, ByteBuffer data) {
    public StoredTensor {
        long elements = 1;
        for (long size : shape) {
            elements = Math.multiplyExact(elements, size);
        }
        if (elements * dtype.bytes() != data.remaining()) {
            throw new IllegalArgumentException(
                    elements + " elements of " + dtype + " don't fill " + data.remaining() + " bytes");
        }
    }

    /** Returns the bytes as a view of its own position, in native order, which is little-endian wherever libtorch runs. */
    @Override
    public ByteBuffer data() {
        return data.duplicate().order(ByteOrder.nativeOrder());
    }
}
