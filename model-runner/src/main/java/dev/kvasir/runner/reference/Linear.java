package dev.kvasir.runner.reference;

/**
 * A linear map of one vector.
 *
 * @param weight (outputs, inputs)
 * @param bias (outputs), or none
 */
record Linear(double[] weight, double[] bias, int inputs) {
    private static final double[] NO_BIAS = {};

    /** Reads {@code name.weight} and, if there is one, {@code name.bias}. */
    static Linear read(Weights weights, String name, int outputs, int inputs, boolean withBias) {
        return new Linear(
                weights.get(name + ".weight", outputs, inputs),
                withBias ? weights.get(name + ".bias", outputs) : NO_BIAS,
                inputs);
    }

    /** Returns {@code weight x + bias}. */
    double[] apply(double[] x) {
        double[] y = new double[weight.length / inputs];
        for (int out = 0; out < y.length; out++) {
            double sum = bias.length == 0 ? 0 : bias[out];
            for (int in = 0; in < inputs; in++) {
                sum += weight[out * inputs + in] * x[in];
            }
            y[out] = sum;
        }
        return y;
    }
}
