package dev.kvasir.runner.cuda;

import dev.kvasir.runner.DType;
import dev.kvasir.runner.TensorRef;
import java.nio.ByteBuffer;

/** A row-major tensor in device memory, known by its address alone. */
record DeviceTensor(DType dtype, long[] shape, long address) implements TensorRef {
    @Override
    public long[] strides() {
        long[] strides = new long[shape.length];
        long stride = 1;
        for (int i = shape.length - 1; i >= 0; i--) {
            strides[i] = stride;
            stride *= shape[i];
        }
        return strides;
    }

    @Override
    public long deviceAddress() {
        return address;
    }

    @Override
    public ByteBuffer buffer() {
        throw new UnsupportedOperationException("a tensor in device memory has no bytes that Java could read");
    }

    long bytes() {
        long elements = dtype.bytes();
        for (long size : shape) {
            elements *= size;
        }
        return elements;
    }
}
