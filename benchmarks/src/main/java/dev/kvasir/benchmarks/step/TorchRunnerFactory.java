package dev.kvasir.benchmarks.step;

import dev.kvasir.runner.ModelRunner;
import dev.kvasir.runner.RunnerOptions;
import dev.kvasir.runner.checkpoint.ModelDirectory;
import dev.kvasir.runner.torch.TorchModelRunner;
import java.nio.file.Path;

/** Loads models with PyTorch. */
public final class TorchRunnerFactory implements RunnerFactory {
    /** Nothing computed here outlives the process, so the weights need no identity, and hashing them would take seconds. */
    private static final byte[] NO_FINGERPRINT = new byte[32];

    @Override
    public ModelRunner load(Path model, RunnerOptions options) {
        ModelDirectory directory = ModelDirectory.open(model);
        return TorchModelRunner.load(directory.config(), directory.checkpoint(), NO_FINGERPRINT, options);
    }
}
