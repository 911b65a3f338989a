package dev.kvasir.runner.synthetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.kvasir.runner.DType;
import dev.kvasir.runner.HalfPrecision;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

final class NormalWeightsTest {
    private static ByteBuffer fill(SyntheticTensor tensor, long first, int count) {
        ByteBuffer bytes = ByteBuffer.allocate(count * tensor.dtype().bytes()).order(ByteOrder.LITTLE_ENDIAN);
        tensor.content().fill(bytes, first, count);
        assertThat(bytes.hasRemaining()).isFalse();
        return bytes.flip();
    }

    @Test
    void weightsAreNormallyDistributed() {
        int count = 400_000;
        ByteBuffer bytes = fill(NormalWeights.around(DType.FLOAT32, 0.5, 0.1).tensor(3, "w", count), 0, count);
        double sum = 0;
        double squares = 0;
        int withinOne = 0;
        int withinTwo = 0;
        for (int i = 0; i < count; i++) {
            double z = (bytes.getFloat() - 0.5) / 0.1;
            sum += z;
            squares += z * z;
            withinOne += Math.abs(z) < 1 ? 1 : 0;
            withinTwo += Math.abs(z) < 2 ? 1 : 0;
        }
        assertThat(sum / count).isCloseTo(0, within(0.01));
        assertThat(squares / count).isCloseTo(1, within(0.01));
        assertThat(withinOne / (double) count).isCloseTo(0.6827, within(0.005));
        assertThat(withinTwo / (double) count).isCloseTo(0.9545, within(0.003));
    }

    @Test
    void halfOfTwoSidedWeightsIsNegative() {
        ByteBuffer bytes = fill(NormalWeights.aroundBoth(DType.FLOAT32, 4, 0.1).tensor(3, "w", 10_000), 0, 10_000);
        int negative = 0;
        for (int i = 0; i < 10_000; i++) {
            float value = bytes.getFloat();
            assertThat(Math.abs(value)).isCloseTo(4.2f, within(0.3f));
            negative += value < 0 ? 1 : 0;
        }
        assertThat(negative).isBetween(4800, 5200);
    }

    @Test
    void anyPieceCanBeMadeOnItsOwn() {
        for (DType dtype : DType.values()) {
            SyntheticTensor tensor = NormalWeights.around(dtype, 0, 1).tensor(9, "w", 1003);
            ByteBuffer whole = fill(tensor, 0, 1003);
            ByteBuffer piece = fill(tensor, 400, 603);
            assertThat(piece).isEqualTo(whole.slice(400 * dtype.bytes(), 603 * dtype.bytes()));
        }
    }

    @Test
    void aStoredDtypeRoundsTheSameWeights() {
        ByteBuffer full = fill(NormalWeights.around(DType.FLOAT32, 0, 0.2).tensor(5, "w", 101), 0, 101);
        ByteBuffer half = fill(NormalWeights.around(DType.FLOAT16, 0, 0.2).tensor(5, "w", 101), 0, 101);
        ByteBuffer brain = fill(NormalWeights.around(DType.BFLOAT16, 0, 0.2).tensor(5, "w", 101), 0, 101);
        for (int i = 0; i < 101; i++) {
            float value = full.getFloat();
            assertThat(half.getShort()).isEqualTo(HalfPrecision.toFloat16(value));
            assertThat(brain.getShort()).isEqualTo(HalfPrecision.toBfloat16(value));
        }
    }

    @Test
    void seedAndNameDecide() {
        NormalWeights weights = NormalWeights.around(DType.BFLOAT16, 0, 1);
        ByteBuffer one = fill(weights.tensor(1, "a", 64), 0, 64);
        assertThat(fill(weights.tensor(1, "a", 64), 0, 64)).isEqualTo(one);
        assertThat(fill(weights.tensor(2, "a", 64), 0, 64)).isNotEqualTo(one);
        assertThat(fill(weights.tensor(1, "b", 64), 0, 64)).isNotEqualTo(one);
    }
}
