package dev.kvasir.runner;

import java.util.Locale;

/**
 * How a model is run.
 *
 * @param dtype of weights, activations and KV memory
 * @param threads that compute one step
 * @param poolBytes KV memory of the device tier
 * @param segmentTokens tokens of a segment
 * @param plan who drives the layers
 */
public record RunnerOptions(DTypeChoice dtype, int threads, long poolBytes, int segmentTokens, Plan plan) {
    /** What to compute in. */
    public enum DTypeChoice {
        /** bfloat16 where the checkpoint is stored so and the processor has instructions for it, else float32. */
        AUTO,
        FLOAT32,
        BFLOAT16
    }

    /** Who drives the layers of a step. */
    public enum Plan {
        /** One call per step: all keys and values are local and attention is Torch's. */
        FUSED,
        /** Java drives the layers, attention by Torch. */
        LAYERED,
        /** Java drives the layers, attention by the plain-Java executor: the truth, and slow. */
        REFERENCE;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public RunnerOptions {
        if (threads < 1 || poolBytes < 1) {
            throw new IllegalArgumentException(
                    "a runner needs a thread and memory, not " + threads + " and " + poolBytes + " bytes");
        }
    }
}
