package dev.kvasir.runner.torch;

import dev.kvasir.runner.RunnerOptions;
import dev.kvasir.runner.RunnerOptions.DTypeChoice;
import dev.kvasir.runner.RunnerOptions.Plan;
import dev.kvasir.runner.checkpoint.ModelDirectory;
import dev.kvasir.runner.reference.ReferenceModel;
import dev.kvasir.runner.reference.TestCheckpoint;
import java.io.IOException;
import java.nio.file.Path;

/** Loads a model directory for the tests, by Torch and by the reference. */
final class TestModels {
    private static final long POOL_BYTES = 16L << 20;

    private TestModels() {}

    static TorchModelRunner torch(Path directory, DTypeChoice dtype, Plan plan, int segmentTokens) {
        ModelDirectory model = ModelDirectory.open(directory);
        RunnerOptions options = new RunnerOptions(dtype, 2, POOL_BYTES, segmentTokens, plan);
        return TorchModelRunner.load(model.config(), model.checkpoint(), new byte[32], options);
    }

    /** The truth reads the checkpoint with code of its own. */
    static ReferenceModel reference(Path directory) throws IOException {
        return new ReferenceModel(ModelDirectory.open(directory).config(), TestCheckpoint.read(directory));
    }
}
