package dev.kvasir.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.testing.RandomizedTest;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class HalfPrecisionTest {
    @Test
    void everyFloat16SurvivesDecodingAndEncoding() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            float value = HalfPrecision.fromFloat16((short) bits);
            if (Float.isNaN(value)) {
                assertThat(HalfPrecision.fromFloat16(HalfPrecision.toFloat16(value)))
                        .isNaN();
            } else {
                assertThat(HalfPrecision.toFloat16(value)).isEqualTo((short) bits);
            }
        }
    }

    @Test
    void everyBfloat16SurvivesDecodingAndEncoding() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            float value = HalfPrecision.fromBfloat16((short) bits);
            if (Float.isNaN(value)) {
                assertThat(HalfPrecision.fromBfloat16(HalfPrecision.toBfloat16(value)))
                        .isNaN();
            } else {
                assertThat(HalfPrecision.toBfloat16(value)).isEqualTo((short) bits);
            }
        }
    }

    @Test
    void decodesWellKnownPatterns() {
        assertThat(HalfPrecision.fromFloat16((short) 0x3C00)).isEqualTo(1f);
        assertThat(HalfPrecision.fromFloat16((short) 0xC000)).isEqualTo(-2f);
        assertThat(HalfPrecision.fromFloat16((short) 0x7BFF)).isEqualTo(65504f);
        assertThat(HalfPrecision.fromFloat16((short) 0x0001)).isEqualTo(0x1p-24f);
        assertThat(HalfPrecision.fromFloat16((short) 0x7C00)).isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(HalfPrecision.fromBfloat16((short) 0x3F80)).isEqualTo(1f);
        assertThat(HalfPrecision.fromBfloat16((short) 0xC040)).isEqualTo(-3f);
    }

    @Test
    void roundsTiesToEvenAndOverflowToInfinity() {
        assertThat(HalfPrecision.toFloat16(1 + 0x1p-11f)).isEqualTo((short) 0x3C00);
        assertThat(HalfPrecision.toFloat16(1 + 3 * 0x1p-11f)).isEqualTo((short) 0x3C02);
        assertThat(HalfPrecision.toFloat16(65519.99f)).isEqualTo((short) 0x7BFF);
        assertThat(HalfPrecision.toFloat16(-65520f)).isEqualTo((short) 0xFC00);
        assertThat(HalfPrecision.toFloat16(0x1p-25f)).isEqualTo((short) 0);
        assertThat(HalfPrecision.toFloat16(Math.nextDown(0x1p-14f))).isEqualTo((short) 0x0400);
        assertThat(HalfPrecision.toBfloat16(1 + 0x1p-8f)).isEqualTo((short) 0x3F80);
        assertThat(HalfPrecision.toBfloat16(1 + 3 * 0x1p-8f)).isEqualTo((short) 0x3F82);
        assertThat(HalfPrecision.toBfloat16(Float.MAX_VALUE)).isEqualTo((short) 0x7F80);
        assertThat(HalfPrecision.fromBfloat16(HalfPrecision.toBfloat16(Float.intBitsToFloat(0x7F800001))))
                .isNaN();
    }

    @RandomizedTest(5)
    void encodesToOneOfTheNearestValues(SplittableRandom random) {
        for (int i = 0; i < 20_000; i++) {
            float value = (float) ((random.nextDouble() - 0.5) * Math.pow(2, random.nextInt(-26, 16)));
            short half = HalfPrecision.toFloat16(value);
            double error = Math.abs(HalfPrecision.fromFloat16(half) - (double) value);
            for (int step : new int[] {-1, 1}) {
                int magnitude = (half & 0x7FFF) + step;
                if (magnitude >= 0 && magnitude < 0x7C00) {
                    float neighbour = HalfPrecision.fromFloat16((short) ((half & 0x8000) | magnitude));
                    assertThat(error).isLessThanOrEqualTo(Math.abs(neighbour - (double) value));
                }
            }
        }
    }
}
