package dev.kvasir.pool.codec;

import dev.kvasir.pool.KvDtype;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;

/** A type of elements as floats, for one thread. Elements cross a buffer's border many at a time: one by one is slow. */
interface Elements {
    /** Reads {@code values.length} elements, exactly, from the buffer's position on, which moves. */
    void load(ByteBuffer from, float[] values);

    /** Writes them, each rounded to the nearest, ties to even. They are finite and within the type's range. */
    void store(float[] values, ByteBuffer to);

    /** Returns those of {@code dtype}, {@code count} of them at a time. */
    static Elements of(KvDtype dtype, int count) {
        return switch (dtype) {
            case FLOAT32 -> new Float32();
            case BFLOAT16 -> new Bfloat16(new short[count]);
            case FLOAT16 -> new Float16(new short[count]);
        };
    }

    /** IEEE 754 binary32. */
    final class Float32 implements Elements {
        @Override
        public void load(ByteBuffer from, float[] values) {
            from.order(ByteOrder.nativeOrder()).asFloatBuffer().get(values);
            from.position(from.position() + values.length * Float.BYTES);
        }

        @Override
        public void store(float[] values, ByteBuffer to) {
            to.order(ByteOrder.nativeOrder()).asFloatBuffer().put(values);
            to.position(to.position() + values.length * Float.BYTES);
        }
    }

    /** The upper half of a binary32. */
    record Bfloat16(short[] bits) implements Elements {
        @Override
        public void load(ByteBuffer from, float[] values) {
            shorts(from, values.length).get(bits);
            for (int i = 0; i < values.length; i++) {
                values[i] = Float.intBitsToFloat(bits[i] << 16);
            }
        }

        @Override
        public void store(float[] values, ByteBuffer to) {
            for (int i = 0; i < values.length; i++) {
                int value = Float.floatToRawIntBits(values[i]);
                bits[i] = (short) ((value + 0x7FFF + ((value >>> 16) & 1)) >>> 16);
            }
            shorts(to, values.length).put(bits);
        }
    }

    /** IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits. */
    record Float16(short[] bits) implements Elements {
        private static final int INFINITY = 0x7C00;
        private static final int SMALLEST_NORMAL = 0x38800000; // 2^-14 as a float
        private static final int HALF =
                0x3F000000; // 0.5 as a float: there floats are 2^-24 apart, as subnormals of this type are

        @Override
        public void load(ByteBuffer from, float[] values) {
            shorts(from, values.length).get(bits);
            for (int i = 0; i < values.length; i++) {
                int sign = (bits[i] & 0x8000) << 16;
                int magnitude = bits[i] & 0x7FFF;
                // The exponents' biases differ by 112. The product is exact, for subnormals too.
                float value = Float.intBitsToFloat(sign | (magnitude << 13)) * 0x1p112f;
                values[i] = magnitude < INFINITY ? value : Float.intBitsToFloat(sign | 0x7F800000 | (magnitude << 13));
            }
        }

        @Override
        public void store(float[] values, ByteBuffer to) {
            for (int i = 0; i < values.length; i++) {
                int value = Float.floatToRawIntBits(values[i]);
                int magnitude = value & 0x7FFFFFFF;
                int rounded = magnitude < SMALLEST_NORMAL
                        ? Float.floatToRawIntBits(Float.intBitsToFloat(magnitude) + 0.5f) - HALF
                        : ((magnitude + 0xFFF + ((magnitude >>> 13) & 1)) >>> 13) - (112 << 10);
                bits[i] = (short) (((value >>> 16) & 0x8000) | rounded);
            }
            shorts(to, values.length).put(bits);
        }
    }

    private static ShortBuffer shorts(ByteBuffer buffer, int count) {
        ShortBuffer shorts = buffer.order(ByteOrder.nativeOrder()).asShortBuffer();
        buffer.position(buffer.position() + count * Short.BYTES);
        return shorts;
    }
}
