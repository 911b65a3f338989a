package dev.kvasir.runner.torch;

import dev.kvasir.runner.RopeConfig;

/**
 * Rotary position embedding's frequencies (RoFormer, arXiv 2104.09864), with the stretches of Hugging Face's {@code rope_scaling}:
 * {@code linear} (position interpolation, arXiv 2306.15595) and {@code llama3} (low frequencies stretched, high ones kept, smooth
 * between).
 */
final class Rotary {
    private Rotary() {}

    /** Returns the angle per position of each pair of elements: (headDim / 2). */
    static double[] frequencies(RopeConfig rope, int headDim) {
        double[] frequencies = new double[headDim / 2];
        for (int i = 0; i < frequencies.length; i++) {
            double plain = Math.pow(rope.theta(), -2.0 * i / headDim);
            frequencies[i] = switch (rope.scaling()) {
                case NONE -> plain;
                case LINEAR -> plain / rope.factor();
                case LLAMA3 -> llama3(plain, rope);
            };
        }
        return frequencies;
    }

    private static double llama3(double frequency, RopeConfig rope) {
        double wavelength = 2 * Math.PI / frequency;
        if (wavelength < rope.originalContext() / rope.highFrequencyFactor()) {
            return frequency;
        }
        if (wavelength > rope.originalContext() / rope.lowFrequencyFactor()) {
            return frequency / rope.factor();
        }
        double smooth = (rope.originalContext() / wavelength - rope.lowFrequencyFactor())
                / (rope.highFrequencyFactor() - rope.lowFrequencyFactor());
        return (1 - smooth) * frequency / rope.factor() + smooth * frequency;
    }
}
