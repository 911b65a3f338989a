package dev.kvasir.pool.codec;

import dev.kvasir.pool.KvLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Keys and values in 8 bits: each vector of {@code headDim} elements, a token's key or value of one head in one layer, is a scale and as many
 * integers from -127 to 127. An element comes back as integer x scale, which is off by at most half a scale, and where the element type is a
 * 16-bit one by that type's rounding on top.
 *
 * <pre>
 * a segment    [layer][K|V][kvHead] planes, one behind the other as in {@link KvLayout}
 * a plane      | scale[0] .. scale[T-1] | token 0: q[0] .. q[D-1] | token 1: q[0] .. q[D-1] | ...
 *                T float32, native order   T x D int8               T = segmentTokens, D = headDim
 * a plane has  T x (4 + D) bytes; at D = 128 that is 52 % of a 16-bit type's and 26 % of float32's
 * </pre>
 *
 * <p>Vectors don't affect each other, and what isn't finite affects nothing: NaN comes back as 0, an infinity as the vector's largest finite
 * magnitude with its sign. A vector without an element of at least 127 x 2<sup>-126</sup> (1.5e-36) in magnitude comes back as zeros.
 */
public final class Int8Codec implements SegmentCodec {
    /*
     * The scale is the largest magnitude by 127, rounded up to 17 significant bits. Then all of integer x scale, 7 bits by 17, is exact in float32, and the
     * largest element of what comes back gives the same scale again: coding twice is coding once. A scale in bfloat16 would save 2 bytes a vector and give
     * that up: rounding the largest element to the element type may move it to the next scale.
     */
    private static final int MOST = 127;
    private static final int INFINITY_BITS = 0x7F800000;
    private static final int BITS_BELOW_17 = 0x7F; // of the 24 of a float's fraction
    /** The largest scale of 17 bits whose 127-fold is finite. */
    private static final float LARGEST_SCALE =
            Float.intBitsToFloat(Float.floatToRawIntBits(Float.MAX_VALUE / MOST) & ~BITS_BELOW_17);

    private final KvLayout layout;
    private final int planes;
    private final int codedBytes;
    private final ThreadLocal<Plane> scratch;

    /** One plane on its way. */
    private static final class Plane {
        final Elements elements; // (token, headDim)
        final byte[] codes; // (token, headDim)
        final float[] scales; // (token)

        Plane(KvLayout layout) {
            elements = Elements.of(layout.dtype(), layout.segmentTokens(), layout.headDim());
            codes = new byte[elements.values.length];
            scales = new float[layout.segmentTokens()];
        }
    }

    /** Codes segments of that layout. */
    public Int8Codec(KvLayout layout) {
        this.layout = layout;
        planes = layout.layers() * 2 * layout.kvHeads();
        codedBytes = Math.toIntExact((long) planes * layout.segmentTokens() * (Float.BYTES + layout.headDim()));
        scratch = ThreadLocal.withInitial(() -> new Plane(layout));
    }

    @Override
    public int segmentBytes() {
        return layout.segmentBytes();
    }

    @Override
    public int codedBytes() {
        return codedBytes;
    }

    @Override
    public String form() {
        return "int8 1";
    }

    @Override
    public void encode(ByteBuffer from, ByteBuffer to) {
        check(from, segmentBytes(), to, codedBytes);
        ByteBuffer in = from.duplicate();
        ByteBuffer out = to.duplicate().order(ByteOrder.nativeOrder());
        Plane plane = scratch.get();
        int width = layout.headDim();
        for (int p = 0; p < planes; p++) {
            plane.elements.load(in);
            for (int token = 0; token < plane.scales.length; token++) {
                plane.scales[token] = encode(plane.elements, plane.codes, token * width, (token + 1) * width);
            }
            out.asFloatBuffer().put(plane.scales);
            out.position(out.position() + plane.scales.length * Float.BYTES).put(plane.codes);
        }
        from.position(in.position());
        to.position(out.position());
    }

    @Override
    public void decode(ByteBuffer from, ByteBuffer to) {
        check(from, codedBytes, to, segmentBytes());
        ByteBuffer in = from.duplicate().order(ByteOrder.nativeOrder());
        ByteBuffer out = to.duplicate();
        Plane plane = scratch.get();
        int width = layout.headDim();
        for (int p = 0; p < planes; p++) {
            in.asFloatBuffer().get(plane.scales);
            in.position(in.position() + plane.scales.length * Float.BYTES).get(plane.codes);
            for (int token = 0; token < plane.scales.length; token++) {
                decode(plane.codes, plane.scales[token], plane.elements.values, token * width, (token + 1) * width);
            }
            plane.elements.store(out);
        }
        from.position(in.position());
        to.position(out.position());
    }

    /** Codes the vector {@code [from, to)}, changing what isn't finite, and returns its scale. */
    private static float encode(Elements elements, byte[] codes, int from, int to) {
        int most = elements.largest(from, to);
        if (most >= INFINITY_BITS) {
            most = Float.floatToRawIntBits(replaceNonFinite(elements, from, to));
        }
        float scale = scale(Float.intBitsToFloat(most));
        if (scale == 0) {
            Arrays.fill(codes, from, to, (byte) 0);
            return 0;
        }
        elements.encode(1 / scale, codes, from, to);
        return scale;
    }

    /** Returns the scale of a vector whose largest magnitude that is; 0 if its inverse would be no finite float. */
    private static float scale(float magnitude) {
        float exact = magnitude / MOST;
        if (exact < Float.MIN_NORMAL) {
            return 0;
        }
        int up = (Float.floatToRawIntBits(exact) + BITS_BELOW_17) & ~BITS_BELOW_17;
        return Math.min(Float.intBitsToFloat(up), LARGEST_SCALE);
    }

    /** Returns the largest finite magnitude of a vector, which takes the place of infinities; 0 that of NaN. */
    private static float replaceNonFinite(Elements elements, int from, int to) {
        float most = 0;
        for (int i = from; i < to; i++) {
            float value = elements.get(i);
            if (Float.isFinite(value)) {
                most = Math.max(most, Math.abs(value));
            }
        }
        for (int i = from; i < to; i++) {
            float value = elements.get(i);
            if (Float.isNaN(value)) {
                elements.set(i, 0);
            } else if (Float.isInfinite(value)) {
                elements.set(i, Math.copySign(most, value));
            }
        }
        return most;
    }

    private static void decode(byte[] codes, float scale, float[] values, int from, int to) {
        for (int i = from; i < to; i++) {
            values[i] = codes[i] * scale;
        }
    }

    private static void check(ByteBuffer from, int fromBytes, ByteBuffer to, int toBytes) {
        if (from.remaining() != fromBytes || to.remaining() != toBytes) {
            throw new IllegalArgumentException("a segment of " + fromBytes + " bytes becomes one of " + toBytes
                    + ", not " + from.remaining() + " one of " + to.remaining());
        }
    }
}
