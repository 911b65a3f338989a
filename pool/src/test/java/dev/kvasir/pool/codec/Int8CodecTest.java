package dev.kvasir.pool.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.kvasir.pool.KvDtype;
import dev.kvasir.pool.KvLayout;
import dev.kvasir.testing.RandomizedTest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class Int8CodecTest {
    private static final int TOKENS = 16;

    private static KvLayout layout(KvDtype dtype, int headDim) {
        return new KvLayout(2, 3, headDim, TOKENS, dtype);
    }

    private static ByteBuffer segment(KvLayout layout) {
        return ByteBuffer.allocateDirect(layout.segmentBytes()).order(ByteOrder.nativeOrder());
    }

    private static byte[] encode(SegmentCodec codec, ByteBuffer segment) {
        ByteBuffer coded = ByteBuffer.allocateDirect(codec.codedBytes());
        codec.encode(segment.duplicate(), coded);
        assertThat(coded.hasRemaining()).isFalse();
        byte[] bytes = new byte[codec.codedBytes()];
        coded.flip().get(bytes);
        return bytes;
    }

    private static ByteBuffer decode(SegmentCodec codec, byte[] coded) {
        ByteBuffer segment = ByteBuffer.allocate(codec.segmentBytes()).order(ByteOrder.nativeOrder());
        codec.decode(ByteBuffer.wrap(coded), segment);
        assertThat(segment.hasRemaining()).isFalse();
        return segment.flip();
    }

    /** Sets an element to the type's value next to zero from a float, which is near enough for a test's input. */
    private static void set(KvDtype dtype, ByteBuffer segment, int index, double value) {
        switch (dtype) {
            case FLOAT32 -> segment.putFloat(4 * index, (float) value);
            case BFLOAT16 -> segment.putShort(2 * index, (short) (Float.floatToRawIntBits((float) value) >>> 16));
            case FLOAT16 -> segment.putShort(2 * index, float16(value));
        }
    }

    private static short float16(double value) {
        int low = 0;
        int high = 0x7BFF; // the largest finite one
        while (low < high) {
            int middle = (low + high + 1) / 2;
            if (PlainInt8.float16((short) middle) <= Math.abs(value)) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return (short) (value < 0 ? low | 0x8000 : low);
    }

    /** Fills a segment with vectors of every kind: like keys, of one magnitude, tiny, huge, with outliers, zeros, any bits at all. */
    private static ByteBuffer anything(KvLayout layout, SplittableRandom random) {
        ByteBuffer segment = segment(layout);
        for (int vector = 0; vector < layout.segmentElements() / layout.headDim(); vector++) {
            int kind = random.nextInt(7);
            double magnitude = kind == 2 ? Math.pow(2, random.nextInt(-150, 128)) : 1;
            for (int i = 0; i < layout.headDim(); i++) {
                int index = vector * layout.headDim() + i;
                double value =
                        switch (kind) {
                            case 0, 2 -> magnitude * random.nextDouble(-3, 3);
                            case 1 -> random.nextBoolean() ? 2.5 : -2.5;
                            case 3 -> random.nextInt(20) == 0 ? 300 : random.nextDouble(-1, 1);
                            case 4 -> Math.pow(2, random.nextInt(-150, 120));
                            default -> 0;
                        };
                set(layout.dtype(), segment, index, value);
                if (kind == 6) {
                    for (int b = 0; b < layout.dtype().bytes(); b++) {
                        segment.put(index * layout.dtype().bytes() + b, (byte) random.nextInt());
                    }
                }
            }
        }
        return segment;
    }

    @RandomizedTest(60)
    void agreesWithThePlainOneOnAnything(SplittableRandom random) {
        for (KvDtype dtype : KvDtype.values()) {
            KvLayout layout = layout(dtype, random.nextInt(1, 70));
            ByteBuffer segment = anything(layout, random);
            assertThat(encode(new Int8Codec(layout), segment)).isEqualTo(new PlainInt8(layout).encode(segment));
        }
    }

    @RandomizedTest(60)
    void anElementIsOffByHalfAScaleAndItsTypesRounding(SplittableRandom random) {
        for (KvDtype dtype : KvDtype.values()) {
            int width = random.nextInt(1, 70);
            KvLayout layout = layout(dtype, width);
            Int8Codec codec = new Int8Codec(layout);
            ByteBuffer segment = anything(layout, random);
            byte[] coded = encode(codec, segment);
            ByteBuffer back = decode(codec, coded);
            for (int index = 0; index < layout.segmentElements(); index++) {
                double value = PlainInt8.get(dtype, segment, index);
                double got = PlainInt8.get(dtype, back, index);
                assertThat(Double.isFinite(got))
                        .as("%s, element %s", dtype, index)
                        .isTrue();
                if (Double.isFinite(value)) {
                    double scale = scaleOf(layout, coded, index);
                    // A scale of 0 stands for a vector too small for one. The inverse of a scale has 24 bits: 127 x
                    // 2^-23 is what that can add.
                    double bound = scale == 0
                            ? 127 * 0x1p-126
                            : scale * (0.5 + 0x1p-15)
                                    + PlainInt8.spacing(dtype, Math.max(Math.abs(got), Math.abs(value))) / 2;
                    assertThat(got).as("%s, element %s", dtype, index).isCloseTo(value, within(bound));
                }
            }
        }
    }

    private static double scaleOf(KvLayout layout, byte[] coded, int index) {
        int vector = index / layout.headDim();
        int plane = vector / TOKENS;
        int at = plane * TOKENS * (4 + layout.headDim()) + 4 * (vector % TOKENS);
        return ByteBuffer.wrap(coded).order(ByteOrder.nativeOrder()).getFloat(at);
    }

    @RandomizedTest(60)
    void codingTwiceIsCodingOnce(SplittableRandom random) {
        for (KvDtype dtype : KvDtype.values()) {
            KvLayout layout = layout(dtype, random.nextInt(1, 70));
            Int8Codec codec = new Int8Codec(layout);
            byte[] once = encode(codec, anything(layout, random));
            assertThat(encode(codec, decode(codec, once))).as(dtype.name()).isEqualTo(once);
        }
    }

    @ParameterizedTest
    @EnumSource(KvDtype.class)
    void whatIsNotFiniteAffectsNothingElse(KvDtype dtype) {
        KvLayout layout = layout(dtype, 4);
        Int8Codec codec = new Int8Codec(layout);
        ByteBuffer segment = segment(layout);
        for (int index = 0; index < layout.segmentElements(); index++) {
            set(dtype, segment, index, index % 4 == 0 ? 127 : index % 4);
        }
        byte[] undisturbed = encode(codec, segment);
        putSpecial(dtype, segment, 1, Float.NaN);
        putSpecial(dtype, segment, 2, Float.POSITIVE_INFINITY);
        putSpecial(dtype, segment, 3, Float.NEGATIVE_INFINITY);
        byte[] coded = encode(codec, segment);
        ByteBuffer back = decode(codec, coded);
        assertThat(List.of(0, 1, 2, 3))
                .extracting(index -> PlainInt8.get(dtype, back, index))
                .containsExactly(127.0, 0.0, 127.0, -127.0);
        for (int i : new int[] {1, 2, 3}) {
            undisturbed[4 * TOKENS + i] = coded[4 * TOKENS + i];
        }
        assertThat(coded).isEqualTo(undisturbed);
    }

    @ParameterizedTest
    @EnumSource(KvDtype.class)
    void aVectorOfNothingFiniteBecomesZeros(KvDtype dtype) {
        KvLayout layout = layout(dtype, 2);
        ByteBuffer segment = segment(layout);
        for (int index = 0; index < layout.segmentElements(); index++) {
            putSpecial(dtype, segment, index, index % 2 == 0 ? Float.NaN : Float.NEGATIVE_INFINITY);
        }
        Int8Codec codec = new Int8Codec(layout);
        assertThat(encode(codec, segment)).containsOnly(0);
        assertThat(decode(codec, new byte[codec.codedBytes()])).isEqualTo(segment(layout));
    }

    private static void putSpecial(KvDtype dtype, ByteBuffer segment, int index, float value) {
        int bits = Float.floatToRawIntBits(value);
        switch (dtype) {
            case FLOAT32 -> segment.putInt(4 * index, bits | (Float.isNaN(value) ? 0x55 : 0));
            case BFLOAT16 -> segment.putShort(2 * index, (short) (bits >>> 16 | (Float.isNaN(value) ? 0x15 : 0)));
            case FLOAT16 ->
                segment.putShort(
                        2 * index, (short) ((bits >>> 16 & 0x8000) | 0x7C00 | (Float.isNaN(value) ? 0x155 : 0)));
        }
    }

    @Test
    void theLargestAndTheSmallestSurvive() {
        KvLayout layout = layout(KvDtype.FLOAT32, 2);
        Int8Codec codec = new Int8Codec(layout);
        ByteBuffer segment = segment(layout);
        segment.putFloat(0, Float.MAX_VALUE).putFloat(4, -Float.MAX_VALUE / 2);
        segment.putFloat(8, 127 * Float.MIN_NORMAL).putFloat(12, -Float.MIN_NORMAL);
        segment.putFloat(16, 126 * Float.MIN_NORMAL).putFloat(20, Float.MIN_VALUE);
        ByteBuffer back = decode(codec, encode(codec, segment));
        assertThat(back.getFloat(0))
                .isCloseTo(Float.MAX_VALUE, within(Float.MAX_VALUE / 254))
                .isFinite();
        assertThat(back.getFloat(4)).isCloseTo(-Float.MAX_VALUE / 2, within(Float.MAX_VALUE / 254));
        assertThat(back.getFloat(8)).isEqualTo(127 * Float.MIN_NORMAL);
        assertThat(back.getFloat(12)).isEqualTo(-Float.MIN_NORMAL);
        assertThat(back.getFloat(16)).isZero();
        assertThat(back.getFloat(20)).isZero();
    }

    @Test
    void takesHalfOfASixteenBitTypesRoom() {
        KvLayout layout = new KvLayout(12, 4, 128, 64, KvDtype.BFLOAT16);
        assertThat(new Int8Codec(layout).codedBytes()).isEqualTo(12 * 2 * 4 * 64 * 132);
        assertThat((double) new Int8Codec(layout).codedBytes() / layout.segmentBytes())
                .isLessThan(0.52);
    }

    @Test
    void consumesWhatIsThereFromWhereItStands() {
        KvLayout layout = layout(KvDtype.BFLOAT16, 6);
        Int8Codec codec = new Int8Codec(layout);
        ByteBuffer segment = anything(layout, new SplittableRandom(1));
        byte[] coded = encode(codec, segment);
        ByteBuffer from = ByteBuffer.allocate(3 + codec.codedBytes() + 5).put(3, coded);
        ByteBuffer to = ByteBuffer.allocate(7 + codec.segmentBytes() + 1);
        codec.decode(
                from.position(3).limit(3 + codec.codedBytes()), to.position(7).limit(7 + codec.segmentBytes()));
        assertThat(from.hasRemaining()).isFalse();
        assertThat(to.hasRemaining()).isFalse();
        assertThat(to.slice(7, codec.segmentBytes())).isEqualTo(decode(codec, coded));
        assertThat(to.get(0)).isZero();
    }

    @Test
    void anotherNumberOfBytesIsRefused() {
        Int8Codec codec = new Int8Codec(layout(KvDtype.FLOAT32, 8));
        ByteBuffer segment = ByteBuffer.allocate(codec.segmentBytes() - 1);
        ByteBuffer coded = ByteBuffer.allocate(codec.codedBytes());
        assertThatIllegalArgumentException().isThrownBy(() -> codec.encode(segment, coded));
        assertThatIllegalArgumentException().isThrownBy(() -> codec.decode(coded, segment));
        assertThat(segment.position() + coded.position()).isZero();
    }
}
