package dev.kvasir.runner.checkpoint;

import dev.kvasir.runner.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** One tensor of a checkpoint: its type, its shape and its bytes, mapped from the file and read-only. */
public final class TensorSlice {
    private final String name;
    private final DType dtype;
    private final long[] shape;
    private final ByteBuffer bytes;

    TensorSlice(String name, DType dtype, long[] shape, ByteBuffer bytes) {
        this.name = name;
        this.dtype = dtype;
        this.shape = shape;
        this.bytes = bytes;
    }

    public String name() {
        return name;
    }

    public DType dtype() {
        return dtype;
    }

    /** Returns the sizes, outermost first. */
    public long[] shape() {
        return shape.clone();
    }

    /** Returns a view of the bytes of its own position, little endian, direct; it keeps the mapping alive. */
    public ByteBuffer buffer() {
        return bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }
}
