package dev.kvasir.runner.remote;

import dev.kvasir.runner.DType;
import dev.kvasir.runner.HalfPrecision;
import dev.kvasir.runner.TensorRef;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Merges partial attention into partial attention, in place, computing in float32. {@link dev.kvasir.runner.reference.PartialMerge} is the same in plain float64.
 *
 * <pre>
 * w = 1 / (1 + exp(logsumexp - other))      O = O + w (other O - O)      logsumexp = logsumexp + log(1 + exp(other - logsumexp))
 * </pre>
 */
final class RowMerge {
    private RowMerge() {}

    /**
     * Merges rows.
     *
     * @param output (tokens, heads, headDim), contiguous; changed
     * @param logsumexp (tokens, heads), float32, contiguous; changed
     * @param first the first token to merge into
     * @param rows how many tokens
     * @param otherOutput (rows, heads, headDim), the same dtype, little-endian
     * @param otherLogsumexp (rows, heads), float32, little-endian
     */
    static void merge(
            TensorRef output,
            TensorRef logsumexp,
            int first,
            int rows,
            ByteBuffer otherOutput,
            ByteBuffer otherLogsumexp) {
        int heads = (int) output.shape()[1];
        int headDim = (int) output.shape()[2];
        ByteBuffer o = output.buffer().order(ByteOrder.nativeOrder());
        ByteBuffer lse = logsumexp.buffer().order(ByteOrder.nativeOrder());
        DType dtype = output.dtype();
        for (int i = 0; i < rows * heads; i++) {
            int lseAt = (first * heads + i) * Float.BYTES;
            float mine = lse.getFloat(lseAt);
            float other = otherLogsumexp.getFloat(i * Float.BYTES);
            if (other == Float.NEGATIVE_INFINITY) {
                continue; // it saw nothing
            }
            float weight = mine == Float.NEGATIVE_INFINITY ? 1 : (float) (1 / (1 + Math.exp((double) mine - other)));
            float max = Math.max(mine, other);
            lse.putFloat(lseAt, max + (float) Math.log1p(Math.exp(-Math.abs((double) mine - other))));
            int at = (first * heads + i) * headDim;
            lerp(dtype, o, at, otherOutput, i * headDim, headDim, weight);
        }
    }

    private static void lerp(DType dtype, ByteBuffer to, int at, ByteBuffer from, int fromAt, int count, float weight) {
        switch (dtype) {
            case FLOAT32 -> {
                for (int d = 0; d < count; d++) {
                    float mine = to.getFloat((at + d) * Float.BYTES);
                    float other = from.getFloat((fromAt + d) * Float.BYTES);
                    to.putFloat((at + d) * Float.BYTES, weight == 1 ? other : mine + weight * (other - mine));
                }
            }
            case BFLOAT16 -> {
                for (int d = 0; d < count; d++) {
                    float mine = HalfPrecision.fromBfloat16(to.getShort((at + d) * Short.BYTES));
                    float other = HalfPrecision.fromBfloat16(from.getShort((fromAt + d) * Short.BYTES));
                    to.putShort(
                            (at + d) * Short.BYTES,
                            HalfPrecision.toBfloat16(weight == 1 ? other : mine + weight * (other - mine)));
                }
            }
            case FLOAT16 -> {
                for (int d = 0; d < count; d++) {
                    float mine = HalfPrecision.fromFloat16(to.getShort((at + d) * Short.BYTES));
                    float other = HalfPrecision.fromFloat16(from.getShort((fromAt + d) * Short.BYTES));
                    to.putShort(
                            (at + d) * Short.BYTES,
                            HalfPrecision.toFloat16(weight == 1 ? other : mine + weight * (other - mine)));
                }
            }
        }
    }
}
