package dev.kvasir.runner.reference;

import dev.kvasir.runner.DType;
import dev.kvasir.runner.HalfPrecision;
import dev.kvasir.runner.StoredTensor;
import dev.kvasir.runner.WeightSource;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;

/** Where a reference model takes its weights from, by the names of Hugging Face's checkpoints. */
@FunctionalInterface
public interface Weights {
    /**
     * Returns a tensor's elements, row-major.
     *
     * @throws IllegalArgumentException if there is no such tensor or it has another shape
     */
    double[] get(String name, long... shape);

    /** Returns weights from arrays; as these have no shape, only the number of elements is checked. */
    static Weights of(Map<String, float[]> tensors) {
        return (name, shape) -> {
            float[] values = tensors.get(name);
            if (values == null) {
                throw new IllegalArgumentException("there is no tensor " + name);
            }
            long elements = Arrays.stream(shape).reduce(1, Math::multiplyExact);
            if (values.length != elements) {
                throw new IllegalArgumentException("tensor " + name + " should be " + Arrays.toString(shape)
                        + " but has " + values.length + " elements");
            }
            return doubles(values);
        };
    }

    /** Returns weights from a checkpoint. */
    static Weights of(WeightSource source) {
        return (name, shape) -> {
            StoredTensor tensor = source.tensor(name, shape);
            return doubles(decode(tensor.dtype(), tensor.data()));
        };
    }

    /** Returns the values of the remaining bytes, little-endian as in a safetensors file. Exact for every dtype. */
    static float[] decode(DType dtype, ByteBuffer bytes) {
        ByteBuffer in = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
        float[] values = new float[in.capacity() / dtype.bytes()];
        for (int i = 0; i < values.length; i++) {
            values[i] = switch (dtype) {
                case FLOAT32 -> in.getFloat();
                case FLOAT16 -> HalfPrecision.fromFloat16(in.getShort());
                case BFLOAT16 -> HalfPrecision.fromBfloat16(in.getShort());
            };
        }
        return values;
    }

    private static double[] doubles(float[] values) {
        double[] doubles = new double[values.length];
        for (int i = 0; i < doubles.length; i++) {
            doubles[i] = values[i];
        }
        return doubles;
    }
}
