package dev.kvasir.runner;

/**
 * Conversions between float and the two 16-bit formats: IEEE 754 binary16 (1 sign, 5 exponent, 10 fraction bits) and bfloat16 (1, 8,
 * 7: the upper half of a float). Decoding is exact, encoding rounds to nearest, ties to even.
 */
public final class HalfPrecision {
    private HalfPrecision() {}

    /** Returns the value of a bfloat16. */
    public static float fromBfloat16(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /** Returns the nearest bfloat16; overflow gives infinity, a NaN stays one. */
    public static short toBfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            // The payload may lie in the lower half alone; the quiet bit keeps it from turning into infinity.
            return (short) ((bits >>> 16) | 0x40);
        }
        int lastKept = (bits >>> 16) & 1;
        return (short) ((bits + 0x7FFF + lastKept) >>> 16);
    }

    /** Returns the value of a float16. */
    public static float fromFloat16(short bits) {
        int sign = (bits & 0x8000) << 16;
        int exponent = (bits >>> 10) & 0x1F;
        int fraction = bits & 0x3FF;
        if (exponent == 0) {
            // Zero or subnormal: fraction x 2^-24, exact in a float.
            float magnitude = fraction * 0x1p-24f;
            return sign == 0 ? magnitude : -magnitude;
        }
        int floatExponent = exponent == 0x1F ? 0xFF : exponent - 15 + 127;
        return Float.intBitsToFloat(sign | (floatExponent << 23) | (fraction << 13));
    }

    /** Returns the nearest float16; overflow gives infinity, a NaN stays one. */
    public static short toFloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = (bits >>> 16) & 0x8000;
        float magnitude = Math.abs(value);
        if (Float.isNaN(value)) {
            return (short) (sign | 0x7E00);
        }
        if (magnitude >= 65520f) {
            // Half way between the largest float16, 65504, and what would be the next one.
            return (short) (sign | 0x7C00);
        }
        if (magnitude < 0x1p-14f) {
            // Subnormal: a multiple of 2^-24. The scaling is exact; rint rounds ties to even, and 1024 is the smallest
            // normal.
            return (short) (sign | (int) Math.rint(magnitude * 0x1p24));
        }
        int magnitudeBits = bits & 0x7FFFFFFF;
        int lastKept = (magnitudeBits >>> 13) & 1;
        int rounded = magnitudeBits + 0xFFF + lastKept;
        return (short) (sign | ((rounded >>> 13) - ((127 - 15) << 10)));
    }
}
