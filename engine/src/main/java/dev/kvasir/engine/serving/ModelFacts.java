package dev.kvasir.engine.serving;

import dev.kvasir.pool.KvLayout;
import dev.kvasir.runner.ModelConfig;
import dev.kvasir.runner.ModelRunner;

/**
 * What is known of a model without its weights: all that a node needs which takes requests for others to compute.
 *
 * @param config its shape
 * @param fingerprint SHA-256 of config and weights; handed over
 * @param layout of a segment
 */
public record ModelFacts(ModelConfig config, byte[] fingerprint, KvLayout layout) {
    /** Returns those of a loaded model. */
    public static ModelFacts of(ModelRunner runner) {
        return new ModelFacts(runner.config(), runner.fingerprint(), runner.kvLayout());
    }
}
