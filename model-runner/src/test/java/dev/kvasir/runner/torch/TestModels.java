package dev.kvasir.runner.torch;

import dev.kvasir.runner.DType;
import dev.kvasir.runner.RunnerOptions;
import dev.kvasir.runner.RunnerOptions.DTypeChoice;
import dev.kvasir.runner.RunnerOptions.Plan;
import dev.kvasir.runner.StoredTensor;
import dev.kvasir.runner.WeightSource;
import dev.kvasir.runner.checkpoint.ModelDirectory;
import dev.kvasir.runner.checkpoint.TensorSlice;
import dev.kvasir.runner.reference.ReferenceModel;
import dev.kvasir.runner.reference.Weights;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Loads a model directory for the tests, by Torch and by the reference. */
final class TestModels {
    private static final long POOL_BYTES = 16L << 20;

    private TestModels() {}

    static TorchModelRunner torch(Path directory, DTypeChoice dtype, Plan plan, int segmentTokens) {
        ModelDirectory model = ModelDirectory.open(directory);
        RunnerOptions options = new RunnerOptions(dtype, 2, POOL_BYTES, segmentTokens, plan);
        return TorchModelRunner.load(model.config(), weights(model), new byte[32], options);
    }

    static ReferenceModel reference(Path directory) {
        ModelDirectory model = ModelDirectory.open(directory);
        WeightSource source = weights(model);
        Map<String, float[]> tensors = new HashMap<>();
        return new ReferenceModel(model.config(), (name, shape) -> {
            float[] values = tensors.computeIfAbsent(name, n -> {
                StoredTensor stored = source.tensor(n, shape);
                return Weights.decode(stored.dtype(), stored.data());
            });
            return Weights.of(Map.of(name, values)).get(name, shape);
        });
    }

    private static WeightSource weights(ModelDirectory model) {
        return (name, shape) -> {
            TensorSlice slice = model.checkpoint().tensor(name, shape);
            DType dtype = slice.dtype();
            return new StoredTensor(dtype, shape, slice.buffer().order(ByteOrder.nativeOrder()));
        };
    }
}
