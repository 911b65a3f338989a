package dev.kvasir.pool.codec;

import dev.kvasir.pool.KvDtype;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;

/** Elements of one type, as many as are coded at a time, for one thread. They cross a buffer's border together: one by one is slow. */
abstract class Elements {
    static final int MAGNITUDE_BITS = 0x7FFFFFFF;

    final float[] values; // to be stored, and maybe those that were loaded

    Elements(int count) {
        values = new float[count];
    }

    /** Returns those of {@code dtype}: {@code count} vectors of {@code width} elements. */
    static Elements of(KvDtype dtype, int count, int width) {
        return switch (dtype) {
            case FLOAT32 -> new Float32(count * width);
            case BFLOAT16 -> width % 2 == 0 ? new Bfloat16Pairs(count * width) : new Bfloat16(count * width);
            case FLOAT16 -> new Float16(count * width);
        };
    }

    /** Reads all, exactly, from the buffer's position on, which moves. */
    abstract void load(ByteBuffer from);

    /** Writes {@link #values}, each rounded to the nearest, ties to even. They are finite and within the type's range. */
    abstract void store(ByteBuffer to);

    /** Returns an element that was loaded. */
    float get(int index) {
        return values[index];
    }

    /** Changes an element that was loaded to a value that its type has. */
    void set(int index, float value) {
        values[index] = value;
    }

    /** Returns the largest magnitude of a vector, elements {@code [from, to)}, as the bits of a float: magnitudes are in the order of their bits. */
    int largest(int from, int to) {
        // Four at a time: one maximum would have to wait for the other.
        int first = 0;
        int second = 0;
        int third = 0;
        int fourth = 0;
        int i = from;
        for (; i + 3 < to; i += 4) {
            first = Math.max(first, magnitude(values[i]));
            second = Math.max(second, magnitude(values[i + 1]));
            third = Math.max(third, magnitude(values[i + 2]));
            fourth = Math.max(fourth, magnitude(values[i + 3]));
        }
        for (; i < to; i++) {
            first = Math.max(first, magnitude(values[i]));
        }
        return Math.max(Math.max(first, second), Math.max(third, fourth));
    }

    /** Writes the integers nearest to a vector times a factor; they are from -127 to 127. */
    void encode(float factor, byte[] codes, int from, int to) {
        for (int i = from; i < to; i++) {
            codes[i] = code(values[i] * factor);
        }
    }

    /**
     * Adding 1.5 x 2^23 to a float of small magnitude leaves the nearest integer, ties to even, in the lower bits of its fraction. It is Math.rint and
     * a cast in one addition.
     */
    static byte code(float value) {
        return (byte) Float.floatToRawIntBits(value + 0x1.8p23f);
    }

    private static int magnitude(float value) {
        return Float.floatToRawIntBits(value) & MAGNITUDE_BITS;
    }

    /** IEEE 754 binary32. */
    static final class Float32 extends Elements {
        Float32(int count) {
            super(count);
        }

        @Override
        void load(ByteBuffer from) {
            from.order(ByteOrder.nativeOrder()).asFloatBuffer().get(values);
            from.position(from.position() + values.length * Float.BYTES);
        }

        @Override
        void store(ByteBuffer to) {
            to.order(ByteOrder.nativeOrder()).asFloatBuffer().put(values);
            to.position(to.position() + values.length * Float.BYTES);
        }
    }

    /** The upper half of a binary32. */
    static class Bfloat16 extends Elements {
        private final short[] bits;

        Bfloat16(int count) {
            super(count);
            bits = new short[count];
        }

        @Override
        void load(ByteBuffer from) {
            shorts(from, bits.length).get(bits);
            for (int i = 0; i < bits.length; i++) {
                values[i] = Float.intBitsToFloat(bits[i] << 16);
            }
        }

        @Override
        final void store(ByteBuffer to) {
            for (int i = 0; i < bits.length; i++) {
                int value = Float.floatToRawIntBits(values[i]);
                bits[i] = (short) ((value + 0x7FFF + ((value >>> 16) & 1)) >>> 16);
            }
            shorts(to, bits.length).put(bits);
        }
    }

    /** IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits. */
    static final class Float16 extends Elements {
        private static final int INFINITY = 0x7C00;
        private static final int SMALLEST_NORMAL = 0x38800000; // 2^-14 as a float
        private static final int HALF =
                0x3F000000; // 0.5 as a float: there floats are 2^-24 apart, as subnormals of this type are

        private final short[] bits;

        Float16(int count) {
            super(count);
            bits = new short[count];
        }

        @Override
        void load(ByteBuffer from) {
            shorts(from, bits.length).get(bits);
            for (int i = 0; i < bits.length; i++) {
                int sign = (bits[i] & 0x8000) << 16;
                int magnitude = bits[i] & 0x7FFF;
                // The exponents' biases differ by 112. The product is exact, for subnormals too.
                float value = Float.intBitsToFloat(sign | (magnitude << 13)) * 0x1p112f;
                values[i] = magnitude < INFINITY ? value : Float.intBitsToFloat(sign | 0x7F800000 | (magnitude << 13));
            }
        }

        @Override
        void store(ByteBuffer to) {
            for (int i = 0; i < bits.length; i++) {
                int value = Float.floatToRawIntBits(values[i]);
                int magnitude = value & 0x7FFFFFFF;
                int rounded = magnitude < SMALLEST_NORMAL
                        ? Float.floatToRawIntBits(Float.intBitsToFloat(magnitude) + 0.5f) - HALF
                        : ((magnitude + 0xFFF + ((magnitude >>> 13) & 1)) >>> 13) - (112 << 10);
                bits[i] = (short) (((value >>> 16) & 0x8000) | rounded);
            }
            shorts(to, bits.length).put(bits);
        }
    }

    private static ShortBuffer shorts(ByteBuffer buffer, int count) {
        ShortBuffer shorts = buffer.order(ByteOrder.nativeOrder()).asShortBuffer();
        buffer.position(buffer.position() + count * Short.BYTES);
        return shorts;
    }
}
