package dev.kvasir.runner.reference;

import dev.kvasir.runner.BufferTensor;
import dev.kvasir.runner.DType;
import dev.kvasir.runner.PartialAttention;
import dev.kvasir.runner.TensorRef;
import dev.kvasir.runner.reference.PartialMerge.Partial;
import java.util.Arrays;
import java.util.List;

/**
 * Partial attention in plain Java and float64, over any strides and dtypes: the truth that other executors are tested against. It
 * checks what it is given, so that a test which describes its memory wrongly fails with a sentence. Memory must be readable in Java.
 */
public final class ReferenceAttention implements PartialAttention {
    @Override
    public void attend(
            int layer, TensorRef query, TensorRef pool, List<Span> spans, TensorRef output, TensorRef logsumexp) {
        long[] queryShape = query.shape();
        long[] poolShape = pool.shape();
        check(queryShape.length == 3, "queries should be (tokens, heads, headDim)", queryShape);
        check(
                poolShape.length == 6 && poolShape[2] == 2,
                "the pool should be (slots, layers, 2, kvHeads, segmentTokens, headDim)",
                poolShape);
        long tokens = queryShape[0];
        long heads = queryShape[1];
        long headDim = queryShape[2];
        long kvHeads = poolShape[3];
        check(headDim == poolShape[5], "the pool's head dimension isn't the queries' " + headDim, poolShape);
        check(kvHeads > 0 && heads % kvHeads == 0, heads + " heads can't share the pool's KV heads", poolShape);
        check(layer >= 0 && layer < poolShape[1], "there is no layer " + layer, poolShape);
        check(Arrays.equals(output.shape(), queryShape), "the output's shape isn't the queries'", output.shape());
        check(output.dtype() == query.dtype(), "the output's dtype isn't the queries'", output.shape());
        check(
                Arrays.equals(logsumexp.shape(), new long[] {tokens, heads}) && logsumexp.dtype() == DType.FLOAT32,
                "logsumexp should be float32 (tokens, heads)",
                logsumexp.shape());

        BufferTensor queries = BufferTensor.of(query);
        BufferTensor outputs = BufferTensor.of(output);
        BufferTensor logs = BufferTensor.of(logsumexp);
        BufferTensor keysAndValues =
                BufferTensor.of(pool).select(1, layer); // (slots, 2, kvHeads, segmentTokens, headDim)
        long free = 0;
        for (Span span : spans) {
            long end = (long) span.firstQuery() + span.queries();
            if (span.firstQuery() < free || end > tokens) {
                throw new IllegalArgumentException("queries [" + span.firstQuery() + ", +" + span.queries()
                        + ") aren't ascending within [" + free + ", " + tokens + ")");
            }
            free = end;
            for (int i = 0; i < span.queries(); i++) {
                int q = span.firstQuery() + i;
                int keyEnd = Math.min(span.keyTo(), span.firstPosition() + i + 1);
                for (int head = 0; head < heads; head++) {
                    int kvHead = (int) (head / (heads / kvHeads));
                    Partial partial =
                            attend(row(queries, q, head), keysAndValues, kvHead, span.slots(), span.keyFrom(), keyEnd);
                    for (int d = 0; d < headDim; d++) {
                        outputs.set(partial.output()[d], q, head, d);
                    }
                    logs.set(partial.logsumexp(), q, head);
                }
            }
        }
    }

    // One query of one head over the keys at positions [keyFrom, keyTo).
    private static Partial attend(
            double[] query, BufferTensor keysAndValues, int kvHead, int[] slots, int keyFrom, int keyTo) {
        int headDim = query.length;
        if (keyTo <= keyFrom) {
            return Partial.empty(headDim);
        }
        int segmentTokens = (int) keysAndValues.shape()[3];
        if ((keyTo - 1) / segmentTokens >= slots.length) {
            throw new IllegalArgumentException("key " + (keyTo - 1) + " lies behind " + slots.length + " segments of "
                    + segmentTokens + " tokens");
        }
        double[] scores = new double[keyTo - keyFrom];
        double max = Double.NEGATIVE_INFINITY;
        for (int key = keyFrom; key < keyTo; key++) {
            int slot = slots[key / segmentTokens];
            double dot = 0;
            for (int d = 0; d < headDim; d++) {
                dot += query[d] * keysAndValues.get(slot, 0, kvHead, key % segmentTokens, d);
            }
            scores[key - keyFrom] = dot / Math.sqrt(headDim);
            max = Math.max(max, scores[key - keyFrom]);
        }
        double[] output = new double[headDim];
        double sum = 0;
        for (int key = keyFrom; key < keyTo; key++) {
            int slot = slots[key / segmentTokens];
            double weight = Math.exp(scores[key - keyFrom] - max);
            sum += weight;
            for (int d = 0; d < headDim; d++) {
                output[d] += weight * keysAndValues.get(slot, 1, kvHead, key % segmentTokens, d);
            }
        }
        for (int d = 0; d < headDim; d++) {
            output[d] /= sum;
        }
        return new Partial(output, max + Math.log(sum));
    }

    private static double[] row(BufferTensor tensor, int q, int head) {
        double[] row = new double[(int) tensor.shape()[2]];
        for (int d = 0; d < row.length; d++) {
            row[d] = tensor.get(q, head, d);
        }
        return row;
    }

    private static void check(boolean holds, String otherwise, long[] shape) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise + "; shape " + Arrays.toString(shape));
        }
    }
}
