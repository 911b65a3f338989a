package dev.kvasir.runner.reference;

/**
 * Root mean square normalisation (arXiv 1910.07467): {@code x / sqrt(mean(x^2) + epsilon) * weight}.
 *
 * @param weight (width)
 */
record RmsNorm(double[] weight, double epsilon) {
    /** Returns the whole vector, normalised. */
    double[] apply(double[] x) {
        double[] y = x.clone();
        applyInPlace(y, 0);
        return y;
    }

    /** Normalises the {@code width} elements from {@code from} on, in place. */
    void applyInPlace(double[] x, int from) {
        double squares = 0;
        for (int i = 0; i < weight.length; i++) {
            squares += x[from + i] * x[from + i];
        }
        double scale = 1 / Math.sqrt(squares / weight.length + epsilon);
        for (int i = 0; i < weight.length; i++) {
            x[from + i] *= scale * weight[i];
        }
    }
}
