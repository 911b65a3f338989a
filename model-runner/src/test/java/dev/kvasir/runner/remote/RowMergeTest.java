package dev.kvasir.runner.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.kvasir.runner.BufferTensor;
import dev.kvasir.runner.DType;
import dev.kvasir.runner.reference.PartialMerge;
import dev.kvasir.runner.reference.PartialMerge.Partial;
import dev.kvasir.testing.RandomizedTest;
import java.nio.ByteOrder;
import java.util.List;
import java.util.SplittableRandom;

/** The merge in place against the plain one in float64. */
class RowMergeTest {
    private static final double[] LOGSUMEXPS = {
        Double.NEGATIVE_INFINITY, -1e30, -1e4, -88, -1e-3, 0, 0, 1, 1.0001, 17, 88, 709, 1e4, 1e30
    };

    @RandomizedTest(60)
    void agreesWithThePlainMerge(SplittableRandom random) {
        DType dtype = DType.values()[random.nextInt(DType.values().length)];
        double rounding =
                switch (dtype) {
                    case FLOAT32 -> 1e-6;
                    case FLOAT16 -> 2e-3;
                    case BFLOAT16 -> 1.6e-2;
                };
        int rows = random.nextInt(1, 6);
        int first = random.nextInt(3);
        int heads = random.nextInt(1, 4);
        int headDim = random.nextInt(1, 70);
        BufferTensor output = BufferTensor.zeros(dtype, first + rows + 1, heads, headDim);
        BufferTensor logsumexp = BufferTensor.zeros(DType.FLOAT32, first + rows + 1, heads);
        BufferTensor other = BufferTensor.zeros(dtype, rows, heads, headDim);
        BufferTensor otherLogsumexp = BufferTensor.zeros(DType.FLOAT32, rows, heads);
        Partial[][] expected = new Partial[rows][heads];
        for (int row = 0; row < rows; row++) {
            for (int head = 0; head < heads; head++) {
                Partial mine = partial(random, output, logsumexp, first + row, head, headDim);
                Partial theirs = partial(random, other, otherLogsumexp, row, head, headDim);
                expected[row][head] = PartialMerge.merge(List.of(mine, theirs));
            }
        }
        RowMerge.merge(
                output,
                logsumexp,
                first,
                rows,
                other.buffer().duplicate().order(ByteOrder.LITTLE_ENDIAN),
                otherLogsumexp.buffer().duplicate().order(ByteOrder.LITTLE_ENDIAN));
        for (int row = 0; row < rows; row++) {
            for (int head = 0; head < heads; head++) {
                Partial truth = expected[row][head];
                double merged = logsumexp.get(first + row, head);
                if (Double.isInfinite(truth.logsumexp())) {
                    assertThat(merged).isEqualTo(truth.logsumexp());
                    continue; // nobody saw anything: the output isn't looked at
                }
                assertThat(merged).isCloseTo(truth.logsumexp(), within(1e-6 * (1 + Math.abs(truth.logsumexp()))));
                for (int d = 0; d < headDim; d++) {
                    assertThat(output.get(first + row, head, d)).isCloseTo(truth.output()[d], within(2 * rounding));
                }
            }
        }
        for (int head = 0; head < heads; head++) {
            assertThat(logsumexp.get(first + rows, head)).as("the row behind").isZero();
        }
    }

    /** Writes one; of what saw nothing the output is anything, even no number. */
    private static Partial partial(
            SplittableRandom random, BufferTensor output, BufferTensor logsumexp, int row, int head, int headDim) {
        double log =
                random.nextInt(3) == 0 ? LOGSUMEXPS[random.nextInt(LOGSUMEXPS.length)] : random.nextDouble(-20, 20);
        logsumexp.set(log, row, head);
        double[] values = new double[headDim];
        for (int d = 0; d < headDim; d++) {
            output.set(log == Double.NEGATIVE_INFINITY ? Double.NaN : random.nextDouble(-2, 2), row, head, d);
            values[d] = output.get(row, head, d);
        }
        return new Partial(values, logsumexp.get(row, head));
    }
}
