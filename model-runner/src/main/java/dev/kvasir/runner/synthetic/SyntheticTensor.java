package dev.kvasir.runner.synthetic;

import dev.kvasir.runner.DType;
import dev.kvasir.runner.HalfPrecision;

/**
 * A tensor to be written: name, type, shape and what it holds.
 *
 * @param name as in the checkpoint
 * @param dtype as stored
 * @param shape sizes, outermost first; handed over
 * @param content what it holds
 */
public record SyntheticTensor(String name, DType dtype, long[] shape, TensorContent content) {
    public SyntheticTensor {
        for (long size : shape) {
            if (size < 0) {
                throw new IllegalArgumentException("tensor " + name + " has a size of " + size);
            }
        }
    }

    /** Returns a tensor of these values, rounded to the dtype. */
    public static SyntheticTensor of(String name, DType dtype, float[] values, long... shape) {
        SyntheticTensor tensor = new SyntheticTensor(name, dtype, shape, (into, first, count) -> {
            for (int i = 0; i < count; i++) {
                float value = values[(int) first + i];
                switch (dtype) {
                    case FLOAT32 -> into.putFloat(value);
                    case FLOAT16 -> into.putShort(HalfPrecision.toFloat16(value));
                    case BFLOAT16 -> into.putShort(HalfPrecision.toBfloat16(value));
                }
            }
        });
        if (tensor.elements() != values.length) {
            throw new IllegalArgumentException(
                    "tensor " + name + " of " + tensor.elements() + " elements got " + values.length + " values");
        }
        return tensor;
    }

    /** Returns how many elements it has. */
    public long elements() {
        long elements = 1;
        for (long size : shape) {
            elements = Math.multiplyExact(elements, size);
        }
        return elements;
    }

    /** Returns its stored size. */
    public long bytes() {
        return Math.multiplyExact(elements(), (long) dtype.bytes());
    }
}
