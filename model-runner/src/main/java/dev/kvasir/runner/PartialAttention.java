package dev.kvasir.runner;

import dev.kvasir.pool.KvLayout;
import java.util.List;

/**
 * Attention of queries over a span of segments, with the logsumexp that lets partials merge exactly:
 *
 * <pre>
 * m = max_i logsumexp_i      w_i = exp(logsumexp_i - m)      O = sum_i w_i O_i / sum_i w_i      logsumexp = m + log sum_i w_i
 * </pre>
 *
 * <p>Every executor (plain Java, Torch, CUDA, another node) fulfils this contract and is tested against the plain Java one.
 * The merge is FlashAttention's online softmax (arXiv 2205.14135) and flash-decoding's split over keys.
 */
public interface PartialAttention {
    /**
     * One row's queries and what they attend to. Query {@code i} stands at position {@code firstPosition + i} and sees the keys at
     * positions {@code [keyFrom, min(keyTo, firstPosition + i + 1))}: causal by absolute position, whole over the past.
     *
     * @param firstQuery index of the row's first query in the query tensor
     * @param queries how many queries
     * @param firstPosition position of the first query in its sequence
     * @param slots the segment table from position 0 on, negative for segments of other nodes, which not every executor can read; only slots that hold visible keys are read
     * @param keyFrom first key position
     * @param keyTo end of the key positions, exclusive
     */
    record Span(int firstQuery, int queries, int firstPosition, int[] slots, int keyFrom, int keyTo) {
        public Span {
            if (firstQuery < 0 || queries < 1 || firstPosition < 0 || keyFrom < 0 || keyTo < keyFrom) {
                throw new IllegalArgumentException("no such span: queries [" + firstQuery + ", +" + queries
                        + ") at position " + firstPosition + " over keys [" + keyFrom + ", " + keyTo + ")");
            }
        }
    }

    /** Spans made ready for every layer of one step. Valid until the next {@link #prepare} of the same executor. */
    interface Launch {
        /**
         * Computes partial attention of one layer for all spans. Scores are scaled by {@code 1 / sqrt(headDim)}. A query that
         * sees no key gets output 0 and logsumexp -infinity; queries in no span keep their output.
         *
         * @param layer which layer of the pool
         * @param query (tokens, heads, headDim), already rotated
         * @param output (tokens, heads, headDim), same dtype as the query; written
         * @param logsumexp (tokens, heads), float32, natural logarithm; written
         */
        void attend(int layer, TensorRef query, TensorRef output, TensorRef logsumexp);
    }

    /**
     * Makes spans ready: what depends on the segment tables alone is worked out once a step and serves every layer. The keys and
     * values are read from the pool that the executor was made for, in its {@link KvLayout}, keys rotated.
     *
     * @param spans ascending and not overlapping in their queries
     */
    Launch prepare(List<Span> spans);
}
