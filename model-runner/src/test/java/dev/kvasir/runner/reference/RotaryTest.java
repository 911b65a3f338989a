package dev.kvasir.runner.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.kvasir.runner.RopeConfig;
import dev.kvasir.testing.RandomizedTest;
import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

final class RotaryTest {
    private static final Offset<Double> CLOSE = within(1e-9);

    private static double[] random(SplittableRandom random, int size) {
        return random.doubles(size, -1, 1).toArray();
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static double[] rotated(Rotary rotary, double[] head, int position) {
        double[] copy = head.clone();
        rotary.rotate(copy, 0, position);
        return copy;
    }

    @Test
    void pairsAnElementWithTheOneHalfAHeadAway() {
        Rotary rotary = new Rotary(RopeConfig.plain(10_000), 4);
        // Frequencies are 1 and 10,000^(-1/2) = 0.01.
        assertThat(rotated(rotary, new double[] {1, 0, 0, 0}, 3)).containsExactly(Math.cos(3), 0, Math.sin(3), 0);
        double[] second = rotated(rotary, new double[] {0, 0, 0, 1}, 3);
        assertThat(second[1]).isCloseTo(-Math.sin(0.03), CLOSE);
        assertThat(second[3]).isCloseTo(Math.cos(0.03), CLOSE);
    }

    @Test
    void leavesOtherHeadsAlone() {
        double[] heads = {1, 2, 3, 4, 5, 6};
        new Rotary(RopeConfig.plain(10_000), 2).rotate(heads, 2, 1);
        assertThat(heads).startsWith(1, 2).endsWith(5, 6);
        assertThat(heads[2]).isCloseTo(3 * Math.cos(1) - 4 * Math.sin(1), CLOSE);
        assertThat(heads[3]).isCloseTo(4 * Math.cos(1) + 3 * Math.sin(1), CLOSE);
    }

    @RandomizedTest(10)
    void keepsLengthsAndPositionZero(SplittableRandom random) {
        int headDim = 2 * random.nextInt(1, 40);
        Rotary rotary = new Rotary(RopeConfig.plain(500_000), headDim);
        double[] head = random(random, headDim);
        assertThat(rotated(rotary, head, 0)).containsExactly(head);
        double[] turned = rotated(rotary, head, random.nextInt(1, 100_000));
        assertThat(dot(turned, turned)).isCloseTo(dot(head, head), CLOSE);
    }

    @RandomizedTest(10)
    void productsDependOnTheDistanceAlone(SplittableRandom random) {
        int headDim = 2 * random.nextInt(1, 40);
        Rotary rotary = new Rotary(new RopeConfig(10_000, RopeConfig.Scaling.LLAMA3, 8, 1, 4, 512), headDim);
        double[] query = random(random, headDim);
        double[] key = random(random, headDim);
        int at = random.nextInt(2000);
        int distance = random.nextInt(2000);
        int shift = random.nextInt(2000);
        assertThat(dot(rotated(rotary, query, at + distance + shift), rotated(rotary, key, at + shift)))
                .isCloseTo(dot(rotated(rotary, query, at + distance), rotated(rotary, key, at)), CLOSE);
    }

    @RandomizedTest(10)
    void linearScalingStretchesPositions(SplittableRandom random) {
        int headDim = 2 * random.nextInt(1, 40);
        Rotary plain = new Rotary(RopeConfig.plain(10_000), headDim);
        Rotary stretched = new Rotary(new RopeConfig(10_000, RopeConfig.Scaling.LINEAR, 4, 1, 1, 1), headDim);
        double[] head = random(random, headDim);
        int position = random.nextInt(3000);
        double[] expected = rotated(plain, head, position);
        double[] actual = rotated(stretched, head, 4 * position);
        for (int i = 0; i < headDim; i++) {
            assertThat(actual[i]).isCloseTo(expected[i], CLOSE);
        }
    }

    // Llama 3.2's settings; frequencies worked out apart from this code, from wavelengths as the published formula has
    // them.
    @Test
    void llama3StretchesLongWavesAndBlendsTheMiddle() {
        Rotary rotary = new Rotary(new RopeConfig(500_000, RopeConfig.Scaling.LLAMA3, 32, 1, 4, 8192), 64);
        // Wavelength 6.28, shorter than 8192 / 4: kept.
        assertThat(rotary.frequency(0)).isEqualTo(1);
        assertThat(rotary.frequency(14)).isCloseTo(0.003211445994752591, within(1e-15));
        // Wavelengths 2,948 and 6,695: between 2,048 and 8,192, blended.
        assertThat(rotary.frequency(15)).isCloseTo(0.001290547928209264, within(1e-15));
        assertThat(rotary.frequency(17)).isCloseTo(9.70828780262767e-05, within(1e-15));
        // Wavelengths 22,911 and 2,084,765, longer than 8192: a 32nd.
        assertThat(rotary.frequency(20)).isCloseTo(8.570255489881478e-06, within(1e-18));
        assertThat(rotary.frequency(31)).isCloseTo(9.41830672543491e-08, within(1e-20));
    }

    @Test
    void llama3AgreesWithItsWavelengthForm() {
        double factor = 8;
        double low = 1;
        double high = 4;
        int original = 8192;
        for (int headDim : new int[] {16, 64, 128}) {
            Rotary rotary = new Rotary(
                    new RopeConfig(500_000, RopeConfig.Scaling.LLAMA3, factor, low, high, original), headDim);
            for (int i = 0; i < headDim / 2; i++) {
                double frequency = 1 / Math.pow(500_000, 2.0 * i / headDim);
                double wavelength = 2 * Math.PI / frequency;
                double expected;
                if (wavelength > original / low) {
                    expected = frequency / factor;
                } else if (wavelength < original / high) {
                    expected = frequency;
                } else {
                    double smooth = (original / wavelength - low) / (high - low);
                    expected = (1 - smooth) * frequency / factor + smooth * frequency;
                }
                assertThat(rotary.frequency(i)).isCloseTo(expected, within(1e-14));
            }
        }
    }
}
