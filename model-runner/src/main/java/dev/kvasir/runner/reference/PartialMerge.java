package dev.kvasir.runner.reference;

import java.util.List;

/**
 * Merges what attention over parts of a context gave into what attention over the whole gives, exactly:
 *
 * <pre>
 * m = max_i logsumexp_i      w_i = exp(logsumexp_i - m)      O = sum_i w_i O_i / sum_i w_i      logsumexp = m + log sum_i w_i
 * </pre>
 *
 * <p>The merge is associative and commutative up to rounding, so parts can be merged in any order and any tree.
 */
public final class PartialMerge {
    private PartialMerge() {}

    /**
     * Attention of one query and head over a part of its context.
     *
     * @param output weighted mean of the part's values: (headDim); all zero if the part is empty
     * @param logsumexp of the part's scores, natural logarithm; -infinity if the part is empty
     */
    public record Partial(double[] output, double logsumexp) {
        /** Returns attention over nothing: merged with any other, it gives that other. */
        public static Partial empty(int headDim) {
            return new Partial(new double[headDim], Double.NEGATIVE_INFINITY);
        }
    }

    /**
     * Merges the partials of disjoint parts. Those of empty parts don't count; if all are empty, so is the result.
     *
     * @param partials at least one
     */
    public static Partial merge(List<Partial> partials) {
        int headDim = partials.get(0).output.length;
        double max = Double.NEGATIVE_INFINITY;
        for (Partial partial : partials) {
            if (partial.output.length != headDim) {
                throw new IllegalArgumentException(
                        "a partial of width " + partial.output.length + " among those of width " + headDim);
            }
            max = Math.max(max, partial.logsumexp);
        }
        if (max == Double.NEGATIVE_INFINITY) {
            // exp(-inf - -inf) would be NaN.
            return Partial.empty(headDim);
        }
        double[] output = new double[headDim];
        double sum = 0;
        for (Partial partial : partials) {
            double weight = Math.exp(partial.logsumexp - max);
            if (weight == 0) {
                // Nothing, or too little to count; skipped so that an empty part's output is never looked at.
                continue;
            }
            sum += weight;
            for (int i = 0; i < headDim; i++) {
                output[i] += weight * partial.output[i];
            }
        }
        for (int i = 0; i < headDim; i++) {
            output[i] /= sum;
        }
        return new Partial(output, max + Math.log(sum));
    }
}
