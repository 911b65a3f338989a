package dev.kvasir.pool.codec;

import dev.kvasir.pool.KvDtype;
import dev.kvasir.pool.KvLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The int8 form element by element, in float64 and by the words of its description: the truth for {@link Int8Codec}. */
final class PlainInt8 {
    private final KvLayout layout;

    PlainInt8(KvLayout layout) {
        this.layout = layout;
    }

    byte[] encode(ByteBuffer segment) {
        int tokens = layout.segmentTokens();
        int width = layout.headDim();
        int planes = layout.layers() * 2 * layout.kvHeads();
        ByteBuffer coded = ByteBuffer.allocate(planes * tokens * (4 + width)).order(ByteOrder.nativeOrder());
        for (int plane = 0; plane < planes; plane++) {
            int at = plane * tokens * (4 + width);
            for (int token = 0; token < tokens; token++) {
                double most = 0;
                for (int i = 0; i < width; i++) {
                    double value = get(layout.dtype(), segment, (plane * tokens + token) * width + i);
                    most = Double.isFinite(value) ? Math.max(most, Math.abs(value)) : most;
                }
                float scale = scale(most);
                coded.putFloat(at + 4 * token, scale);
                for (int i = 0; i < width; i++) {
                    double value = get(layout.dtype(), segment, (plane * tokens + token) * width + i);
                    coded.put(at + 4 * tokens + token * width + i, code(value, most, scale));
                }
            }
        }
        return coded.array();
    }

    private static byte code(double value, double most, float scale) {
        if (Double.isNaN(value) || scale == 0) {
            return 0;
        }
        double finite = Math.max(-most, Math.min(most, value));
        return (byte) Math.rint((float) finite * (1 / scale));
    }

    private static float scale(double most) {
        float exact = (float) most / 127;
        if (exact < Math.pow(2, -126)) {
            return 0;
        }
        double unit = Math.pow(2, Math.getExponent(exact) - 16); // of a number of 17 bits
        double scale = Math.ceil(exact / unit) * unit;
        while (scale * 127 > Float.MAX_VALUE) {
            scale -= unit;
        }
        return (float) scale;
    }

    static double get(KvDtype dtype, ByteBuffer segment, int index) {
        return switch (dtype) {
            case FLOAT32 -> segment.getFloat(4 * index);
            case BFLOAT16 -> bfloat16(segment.getShort(2 * index));
            case FLOAT16 -> float16(segment.getShort(2 * index));
        };
    }

    static double bfloat16(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    static double float16(short bits) {
        int exponent = (bits >> 10) & 31;
        int fraction = bits & 1023;
        double magnitude = exponent == 31
                ? (fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN)
                : exponent == 0 ? fraction * 0x1p-24 : (1024 + fraction) * Math.pow(2, exponent - 25);
        return bits < 0 ? -magnitude : magnitude;
    }

    /** Returns the distance from a value's magnitude to the next larger one of the type. */
    static double spacing(KvDtype dtype, double value) {
        return switch (dtype) {
            case FLOAT32 -> Math.ulp((float) value);
            case BFLOAT16 -> Math.pow(2, Math.max(-126, Math.getExponent(value)) - 7);
            case FLOAT16 -> Math.pow(2, Math.max(-14, Math.getExponent(value)) - 10);
        };
    }
}
