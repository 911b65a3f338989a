package dev.kvasir.runner.reference;

/**
 * A linear map of one vector.
 *
 * @param columns (inputs, outputs): the checkpoint's weight, transposed
 * @param bias (outputs), or none
 */
record Linear(double[] columns, double[] bias, int inputs) {
    private static final double[] NO_BIAS = {};

    /** Takes a checkpoint's weight, (outputs, inputs), without a bias. */
    static Linear of(double[] weight, int inputs) {
        return new Linear(transposed(weight, inputs), NO_BIAS, inputs);
    }

    /** Reads {@code name.weight} and, if there is one, {@code name.bias}. */
    static Linear read(Weights weights, String name, int outputs, int inputs, boolean withBias) {
        return new Linear(
                transposed(weights.get(name + ".weight", outputs, inputs), inputs),
                withBias ? weights.get(name + ".bias", outputs) : NO_BIAS,
                inputs);
    }

    /** Returns {@code weight x + bias}. */
    double[] apply(double[] x) {
        int outputs = columns.length / inputs;
        double[] y = bias.length == 0 ? new double[outputs] : bias.clone();
        // Column by column: the inner loop has no sum, so the compiler uses vector instructions and every output is
        // still summed in order.
        for (int in = 0; in < inputs; in++) {
            double factor = x[in];
            int column = in * outputs;
            for (int out = 0; out < outputs; out++) {
                y[out] += columns[column + out] * factor;
            }
        }
        return y;
    }

    private static double[] transposed(double[] weight, int inputs) {
        int outputs = weight.length / inputs;
        double[] columns = new double[weight.length];
        for (int out = 0; out < outputs; out++) {
            for (int in = 0; in < inputs; in++) {
                columns[in * outputs + out] = weight[out * inputs + in];
            }
        }
        return columns;
    }
}
