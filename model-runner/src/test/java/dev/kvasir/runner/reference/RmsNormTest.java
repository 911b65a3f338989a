package dev.kvasir.runner.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

final class RmsNormTest {
    @Test
    void dividesByTheRootMeanSquareAndScales() {
        // Mean square of (3, 4) is 12.5; 12.5 + 3.5 = 16, whose root is 4.
        double[] x = {3, 4};
        assertThat(new RmsNorm(new double[] {2, 10}, 3.5).apply(x)).containsExactly(1.5, 10);
        assertThat(x).containsExactly(3, 4);
    }

    @Test
    void normalisesOneHeadOfMany() {
        double[] heads = {7, 7, 3, 4, 7, 7};
        new RmsNorm(new double[] {1, 1}, 0).applyInPlace(heads, 2);
        assertThat(heads).startsWith(7, 7).endsWith(7, 7);
        assertThat(heads[2]).isCloseTo(3 / Math.sqrt(12.5), within(1e-15));
        assertThat(heads[3]).isCloseTo(4 / Math.sqrt(12.5), within(1e-15));
    }

    @Test
    void zeroStaysZero() {
        assertThat(new RmsNorm(new double[] {1, 1}, 1e-6).apply(new double[2])).containsExactly(0, 0);
    }
}
