package dev.kvasir.runner.reference;

import dev.kvasir.pool.KvLayout;
import dev.kvasir.pool.SlotStorage;
import dev.kvasir.runner.BufferTensor;
import dev.kvasir.runner.DType;
import dev.kvasir.runner.PartialAttention;
import dev.kvasir.runner.TensorRef;
import dev.kvasir.runner.reference.PartialMerge.Partial;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Partial attention in plain Java and float64, over any dtype and queries of any strides: the truth that other executors are tested against. It
 * checks what it is given, so that a test which describes its memory wrongly fails with a sentence. Memory must be readable in Java.
 */
public final class ReferenceAttention implements PartialAttention {
    private final KvLayout layout;
    private final SlotStorage pool;

    /** Creates an executor over a pool's memory. */
    public ReferenceAttention(KvLayout layout, SlotStorage pool) {
        this.layout = layout;
        this.pool = pool;
    }

    @Override
    public Launch prepare(List<Span> spans) {
        List<Span> given = List.copyOf(spans);
        return (layer, query, output, logsumexp) -> attend(given, layer, query, output, logsumexp);
    }

    private void attend(List<Span> spans, int layer, TensorRef query, TensorRef output, TensorRef logsumexp) {
        long[] queryShape = query.shape();
        check(queryShape.length == 3, "queries should be (tokens, heads, headDim)", queryShape);
        long tokens = queryShape[0];
        long heads = queryShape[1];
        check(queryShape[2] == layout.headDim(), "the pool's head dimension is " + layout.headDim(), queryShape);
        check(heads % layout.kvHeads() == 0, "the heads can't share " + layout.kvHeads() + " KV heads", queryShape);
        Objects.checkIndex(layer, layout.layers());
        check(
                output.shape()[0] >= tokens && Arrays.equals(output.shape(), 1, 3, queryShape, 1, 3),
                "the output's shape isn't the queries'",
                output.shape());
        check(output.dtype() == query.dtype(), "the output's dtype isn't the queries'", output.shape());
        check(
                logsumexp.shape()[0] >= tokens && logsumexp.shape()[1] == heads && logsumexp.dtype() == DType.FLOAT32,
                "logsumexp should be float32 (tokens, heads)",
                logsumexp.shape());

        BufferTensor queries = BufferTensor.of(query);
        BufferTensor outputs = BufferTensor.of(output);
        BufferTensor logs = BufferTensor.of(logsumexp);
        long free = 0;
        for (Span span : spans) {
            if (span.firstQuery() < free || span.firstQuery() + span.queries() > tokens) {
                throw new IllegalArgumentException("queries [" + span.firstQuery() + ", +" + span.queries()
                        + ") aren't ascending within [" + free + ", " + tokens + ")");
            }
            free = span.firstQuery() + span.queries();
            BufferTensor[] segments = segments(span, layer);
            for (int i = 0; i < span.queries(); i++) {
                int q = span.firstQuery() + i;
                int keyEnd = Math.min(span.keyTo(), span.firstPosition() + i + 1);
                for (int head = 0; head < heads; head++) {
                    int kvHead = (int) (head / (heads / layout.kvHeads()));
                    Partial partial = attend(row(queries, q, head), segments, kvHead, span.keyFrom(), keyEnd);
                    for (int d = 0; d < layout.headDim(); d++) {
                        outputs.set(partial.output()[d], q, head, d);
                    }
                    logs.set(partial.logsumexp(), q, head);
                }
            }
        }
    }

    // One layer of each segment that holds visible keys: (2, kvHeads, segmentTokens, headDim); null before the first of
    // them.
    private BufferTensor[] segments(Span span, int layer) {
        int end = Math.min(span.keyTo(), span.firstPosition() + span.queries());
        int count = end <= span.keyFrom() ? 0 : layout.segmentsFor(end);
        if (count > span.slots().length) {
            throw new IllegalArgumentException("key " + (end - 1) + " lies behind " + span.slots().length
                    + " segments of " + layout.segmentTokens() + " tokens");
        }
        DType dtype = DType.valueOf(layout.dtype().name());
        BufferTensor[] segments = new BufferTensor[count];
        for (int s = span.keyFrom() / layout.segmentTokens(); s < count; s++) {
            BufferTensor slot = BufferTensor.over(
                    dtype,
                    pool.slot(span.slots()[s]),
                    layout.layers(),
                    2,
                    layout.kvHeads(),
                    layout.segmentTokens(),
                    layout.headDim());
            segments[s] = slot.select(0, layer);
        }
        return segments;
    }

    // One query of one head over the keys at positions [keyFrom, keyTo).
    private static Partial attend(double[] query, BufferTensor[] segments, int kvHead, int keyFrom, int keyTo) {
        int headDim = query.length;
        if (keyTo <= keyFrom) {
            return Partial.empty(headDim);
        }
        int segmentTokens = (int) segments[segments.length - 1].shape()[2];
        double[] scores = new double[keyTo - keyFrom];
        double max = Double.NEGATIVE_INFINITY;
        for (int key = keyFrom; key < keyTo; key++) {
            BufferTensor segment = segments[key / segmentTokens];
            double dot = 0;
            for (int d = 0; d < headDim; d++) {
                dot += query[d] * segment.get(0, kvHead, key % segmentTokens, d);
            }
            scores[key - keyFrom] = dot / Math.sqrt(headDim);
            max = Math.max(max, scores[key - keyFrom]);
        }
        double[] output = new double[headDim];
        double sum = 0;
        for (int key = keyFrom; key < keyTo; key++) {
            BufferTensor segment = segments[key / segmentTokens];
            double weight = Math.exp(scores[key - keyFrom] - max);
            sum += weight;
            for (int d = 0; d < headDim; d++) {
                output[d] += weight * segment.get(1, kvHead, key % segmentTokens, d);
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
