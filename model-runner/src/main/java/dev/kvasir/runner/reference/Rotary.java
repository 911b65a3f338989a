package dev.kvasir.runner.reference;

import dev.kvasir.runner.RopeConfig;

/**
 * Rotary position embedding (arXiv 2104.09864) in float64: element {@code i} of a head and element {@code i + headDim / 2} form a pair that
 * turns by {@code position * frequency(i)}, "rotate half" as in Hugging Face's checkpoints.
 */
final class Rotary {
    private final double[] frequencies; // (headDim / 2), radians per position

    Rotary(RopeConfig config, int headDim) {
        frequencies = new double[headDim / 2];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = scaled(config, Math.pow(config.theta(), -2.0 * i / headDim));
        }
    }

    /** Returns by how many radians per position a pair turns. */
    double frequency(int pair) {
        return frequencies[pair];
    }

    /** Turns the head that begins at {@code from}, in place. */
    void rotate(double[] heads, int from, int position) {
        int half = frequencies.length;
        for (int i = 0; i < half; i++) {
            double cos = Math.cos(position * frequencies[i]);
            double sin = Math.sin(position * frequencies[i]);
            double x = heads[from + i];
            double y = heads[from + half + i];
            heads[from + i] = x * cos - y * sin;
            heads[from + half + i] = y * cos + x * sin;
        }
    }

    private static double scaled(RopeConfig config, double frequency) {
        return switch (config.scaling()) {
            case NONE -> frequency;
            // Position interpolation (arXiv 2306.15595): positions divided by the factor.
            case LINEAR -> frequency / config.factor();
            case LLAMA3 -> llama3(config, frequency);
        };
    }

    /*
     * Llama 3.1: waves short beside the original context keep their frequency, long ones are stretched by the factor, and in between the
     * two are blended by how many waves fit into the original context.
     */
    private static double llama3(RopeConfig config, double frequency) {
        double waves = config.originalContext() * frequency / (2 * Math.PI);
        if (waves < config.lowFrequencyFactor()) {
            return frequency / config.factor();
        }
        if (waves > config.highFrequencyFactor()) {
            return frequency;
        }
        double smooth =
                (waves - config.lowFrequencyFactor()) / (config.highFrequencyFactor() - config.lowFrequencyFactor());
        return (1 - smooth) * frequency / config.factor() + smooth * frequency;
    }
}
