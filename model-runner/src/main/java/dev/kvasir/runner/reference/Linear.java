package dev.kvasir.runner.reference;

/**
 * A linear map of one vector.
 *
 * @param columns (inputs, outputs): the checkpoint's weight, transposed
 * @param bias (outputs), or none
 */
record Linear(double[][] columns, double[] bias) {
    private static final double[] NO_BIAS = {};

    /** Takes a checkpoint's weight, (outputs, inputs), without a bias. */
    static Linear of(double[] weight, int inputs) {
        return new Linear(transposed(weight, inputs), NO_BIAS);
    }

    /** Reads {@code name.weight} and, if there is one, {@code name.bias}. */
    static Linear read(Weights weights, String name, int outputs, int inputs, boolean withBias) {
        return new Linear(
                transposed(weights.get(name + ".weight", outputs, inputs), inputs),
                withBias ? weights.get(name + ".bias", outputs) : NO_BIAS);
    }

    /** Returns {@code weight x + bias}. */
    double[] apply(double[] x) {
        double[] y = bias.length == 0 ? new double[columns[0].length] : bias.clone();
        // Column by column, which vector instructions can do, and every output is still summed in order.
        for (int in = 0; in < columns.length; in++) {
            addTo(y, columns[in], x[in]);
        }
        return y;
    }

    private static void addTo(double[] y, double[] column, double factor) {
        for (int out = 0; out < y.length; out++) {
            y[out] += column[out] * factor;
        }
    }

    private static double[][] transposed(double[] weight, int inputs) {
        int outputs = weight.length / inputs;
        double[][] columns = new double[inputs][outputs];
        for (int out = 0; out < outputs; out++) {
            for (int in = 0; in < inputs; in++) {
                columns[in][out] = weight[out * inputs + in];
            }
        }
        return columns;
    }
}
