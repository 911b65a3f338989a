package dev.kvasir.runner;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A tensor over a buffer that Java can read and write.
 *
 * @param dtype element type
 * @param shape sizes, outermost first; handed over
 * @param strides distance in elements between neighbours of each dimension; handed over
 * @param buffer the memory, whose first byte is the first element's; set to native order
 */
public record BufferTensor(DType dtype, long[] shape, long[] strides, ByteBuffer buffer) implements TensorRef {
    public BufferTensor {
        if (shape.length != strides.length) {
            throw new IllegalArgumentException(shape.length + " sizes but " + strides.length + " strides");
        }
        buffer = buffer.slice().order(ByteOrder.nativeOrder());
        long elements = 1;
        long last = 0;
        for (int i = 0; i < shape.length; i++) {
            if (shape[i] < 0 || strides[i] < 0) {
                throw new IllegalArgumentException(
                        "dimension " + i + " has size " + shape[i] + " and stride " + strides[i]);
            }
            elements = Math.multiplyExact(elements, shape[i]);
            last = Math.addExact(last, Math.multiplyExact(shape[i] - 1, strides[i]));
        }
        if (elements > 0 && (last + 1) * dtype.bytes() > buffer.capacity()) {
            throw new IllegalArgumentException("the last element ends at byte " + (last + 1) * dtype.bytes()
                    + " of a buffer of " + buffer.capacity());
        }
    }

    /** Returns a row-major tensor over a buffer's remaining bytes. */
    public static BufferTensor over(DType dtype, ByteBuffer buffer, long... shape) {
        return new BufferTensor(dtype, shape, rowMajor(shape), buffer);
    }

    /** Returns a new row-major tensor of zeros over direct memory. */
    public static BufferTensor zeros(DType dtype, long... shape) {
        long bytes = dtype.bytes();
        for (long size : shape) {
            bytes = Math.multiplyExact(bytes, size);
        }
        return over(dtype, ByteBuffer.allocateDirect(Math.toIntExact(bytes)), shape);
    }

    /** Returns a view of a tensor for reading and writing in Java; its memory must not be device memory. */
    public static BufferTensor of(TensorRef tensor) {
        return tensor instanceof BufferTensor same
                ? same
                : new BufferTensor(tensor.dtype(), tensor.shape(), tensor.strides(), tensor.buffer());
    }

    /** Returns the view that is left when one dimension is fixed. */
    public BufferTensor select(int dimension, long index) {
        if (index < 0 || index >= shape[dimension]) {
            throw new IllegalArgumentException(
                    "no index " + index + " in dimension " + dimension + " of size " + shape[dimension]);
        }
        int offset = Math.toIntExact(index * strides[dimension] * dtype.bytes());
        return new BufferTensor(
                dtype,
                without(shape, dimension),
                without(strides, dimension),
                buffer.slice(offset, buffer.capacity() - offset));
    }

    /** Returns one element. */
    public double get(long... index) {
        int at = byteOffset(index);
        return switch (dtype) {
            case FLOAT32 -> buffer.getFloat(at);
            case FLOAT16 -> HalfPrecision.fromFloat16(buffer.getShort(at));
            case BFLOAT16 -> HalfPrecision.fromBfloat16(buffer.getShort(at));
        };
    }

    /** Sets one element, rounding to the dtype. */
    public void set(double value, long... index) {
        int at = byteOffset(index);
        switch (dtype) {
            case FLOAT32 -> buffer.putFloat(at, (float) value);
            case FLOAT16 -> buffer.putShort(at, HalfPrecision.toFloat16((float) value));
            case BFLOAT16 -> buffer.putShort(at, HalfPrecision.toBfloat16((float) value));
        }
    }

    private int byteOffset(long[] index) {
        if (index.length != shape.length) {
            throw new IllegalArgumentException(index.length + " indices into " + shape.length + " dimensions");
        }
        long offset = 0;
        for (int i = 0; i < index.length; i++) {
            if (index[i] < 0 || index[i] >= shape[i]) {
                throw new IllegalArgumentException(
                        "no index " + index[i] + " in dimension " + i + " of size " + shape[i]);
            }
            offset += index[i] * strides[i];
        }
        return Math.toIntExact(offset * dtype.bytes());
    }

    private static long[] rowMajor(long[] shape) {
        long[] strides = new long[shape.length];
        long stride = 1;
        for (int i = shape.length - 1; i >= 0; i--) {
            strides[i] = stride;
            stride = Math.multiplyExact(stride, shape[i]);
        }
        return strides;
    }

    private static long[] without(long[] values, int dimension) {
        long[] rest = new long[values.length - 1];
        System.arraycopy(values, 0, rest, 0, dimension);
        System.arraycopy(values, dimension + 1, rest, dimension, rest.length - dimension);
        return rest;
    }
}
