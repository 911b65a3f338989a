package dev.kvasir.pool.codec;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Vectors of an even number of bfloat16 elements, coded two at a time. */
final class Bfloat16Pairs extends Elements.Bfloat16 {
    /*
     * Two elements are an int, and an int without its lower half is the upper element as a float. So nothing is converted before it's coded. The loop over
     * magnitudes has only ints and their operators, and C2 makes vector instructions of it; with shorts, floats' bits or Math.max it doesn't (JDK 17).
     * Half the time of the plain loops: docs/decisions/0014.
     */
    private static final int UPPER = 0xFFFF0000;
    private static final int LOWER_AT = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? 0 : 1; // in a pair
    private static final int UPPER_AT = 1 - LOWER_AT;

    private final int[] pairs;
    private final int[] magnitudes; // (pair), of its larger element

    Bfloat16Pairs(int count) {
        super(count);
        pairs = new int[count / 2];
        magnitudes = new int[count / 2];
    }

    @Override
    void load(ByteBuffer from) {
        from.order(ByteOrder.nativeOrder()).asIntBuffer().get(pairs);
        from.position(from.position() + pairs.length * Integer.BYTES);
        for (int i = 0; i < pairs.length; i++) {
            int upper = pairs[i] & UPPER & MAGNITUDE_BITS;
            int lower = (pairs[i] << 16) & MAGNITUDE_BITS;
            int ahead = upper - lower;
            magnitudes[i] = upper - (ahead & (ahead >> 31)); // the larger one
        }
    }

    @Override
    float get(int index) {
        return index % 2 == LOWER_AT ? lower(pairs[index / 2]) : upper(pairs[index / 2]);
    }

    @Override
    void set(int index, float value) {
        int element = Float.floatToRawIntBits(value) & UPPER;
        int pair = pairs[index / 2];
        pairs[index / 2] = index % 2 == LOWER_AT ? (pair & UPPER) | (element >>> 16) : element | (pair & ~UPPER);
    }

    @Override
    int largest(int from, int to) {
        // Two at a time: one maximum would have to wait for the other.
        int first = 0;
        int second = 0;
        int end = to / 2;
        int i = from / 2;
        for (; i + 1 < end; i += 2) {
            first = Math.max(first, magnitudes[i]);
            second = Math.max(second, magnitudes[i + 1]);
        }
        return Math.max(Math.max(first, second), i < end ? magnitudes[i] : 0);
    }

    @Override
    void encode(float factor, byte[] codes, int from, int to) {
        for (int i = from / 2; i < to / 2; i++) {
            codes[2 * i + LOWER_AT] = code(lower(pairs[i]) * factor);
            codes[2 * i + UPPER_AT] = code(upper(pairs[i]) * factor);
        }
    }

    private static float lower(int pair) {
        return Float.intBitsToFloat(pair << 16);
    }

    private static float upper(int pair) {
        return Float.intBitsToFloat(pair & UPPER);
    }
}
