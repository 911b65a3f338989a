package dev.kvasir.benchmarks.training;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import dev.kvasir.benchmarks.training.corpus.Hint.Kind;
import dev.kvasir.runner.ModelConfig;
import dev.kvasir.runner.torch.ScriptArchive;
import dev.kvasir.runner.torch.ScriptArchive.ListType;
import dev.kvasir.runner.torch.TorchModule;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** A model in training in PyTorch: {@code train.py}, fed from here. To be used by one thread. */
final class TorchTrainer implements AutoCloseable {
    /** How much a hint counts beside a reply's first token. */
    private static final double HINT_WEIGHT = 1;

    private final ModelConfig config;
    private final PtNDManager manager;
    private final TorchModule module;

    /**
     * Rates of a step.
     *
     * @param learning for Muon and Adam alike, whose steps are of one size
     * @param decay weight decay of matrices, times the learning rate
     */
    record Rates(double learning, double decay) {}

    /**
     * What a batch came to, per learned token and then per hint, both as the batch has them.
     *
     * @param losses negative log-probabilities
     * @param right whether the token was the likeliest
     */
    record Outcome(float[] losses, boolean[] right) {}

    TorchTrainer(ModelConfig config, TrainingState state, int threads) {
        this.config = config;
        Engine.getEngine("PyTorch");
        JniUtils.setNumThreads(threads);
        JniUtils.setGraphExecutorOptimize(false);
        manager = (PtNDManager) NDManager.newBaseManager(Device.cpu(), "PyTorch");
        module = new TorchModule(manager, archive(config));
        setRotary();
        int count = Parameters.values().length;
        for (int i = 0; i < state.values().size(); i++) {
            long[] shape = Parameters.values()[i % count].shape(config);
            try (NDManager call = manager.newSubManager()) {
                train("set_state", call.create(state.values().get(i), new Shape(shape)), call.create((long) i));
            }
        }
    }

    private static byte[] archive(ModelConfig config) {
        return new ScriptArchive()
                .attribute("layers", config.layers())
                .attribute("hidden", config.hidden())
                .attribute("intermediate", config.intermediate())
                .attribute("heads", config.heads())
                .attribute("kv_heads", config.kvHeads())
                .attribute("head_dim", config.headDim())
                .attribute("epsilon", (double) config.normEpsilon())
                .attribute("person_layer", Math.max(1, config.layers() / 4))
                .attribute("linked_layer", Math.max(1, config.layers() / 2))
                .attribute("answer_layer", Math.max(1, config.layers() * 3 / 4))
                .emptyList("state", ListType.TENSORS)
                .emptyList("gradients", ListType.TENSORS)
                .emptyList("rotary", ListType.TENSORS)
                .methods(source())
                .write();
    }

    private static String source() {
        try (InputStream in = Objects.requireNonNull(TorchTrainer.class.getResourceAsStream("train.py"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void setRotary() {
        int width = config.headDim();
        int half = width / 2;
        float[] cos = new float[config.contextTokens() * width];
        float[] sin = new float[cos.length];
        for (int position = 0; position < config.contextTokens(); position++) {
            for (int i = 0; i < width; i++) {
                double angle = position * Math.pow(config.rope().theta(), -2.0 * (i % half) / width);
                cos[position * width + i] = (float) Math.cos(angle);
                sin[position * width + i] = (float) Math.sin(angle);
            }
        }
        try (NDManager call = manager.newSubManager()) {
            Shape shape = new Shape(config.contextTokens(), width);
            train("set_rotary", call.create(cos, shape), call.create(sin, shape));
        }
    }

    /**
     * Adds a batch's gradients to those of the step.
     *
     * @param share what the weights are divided by: the sum of all weights of the step
     */
    Outcome accumulate(Batch batch, double share) {
        float[] weights = batch.weights();
        for (int i = 0; i < weights.length; i++) {
            weights[i] /= (float) share;
        }
        long[] hints = batch.hintRows();
        int kinds = Kind.values().length;
        try (NDManager call = manager.newSubManager()) {
            Shape shape = new Shape(batch.rows(), batch.width());
            NDArray result = train(
                    "accumulate",
                    call.create(batch.ids(), shape),
                    call.create(batch.groups(), shape),
                    call.create(batch.learnedRows()),
                    call.create(batch.labels()),
                    call.create(weights),
                    call.create(hints, new Shape(kinds, 2, hints.length / 2 / kinds)),
                    call.create(new float[] {(float) (HINT_WEIGHT / share)}));
            float[] pairs = result.toFloatArray();
            float[] losses = new float[pairs.length / 2];
            boolean[] right = new boolean[losses.length];
            for (int i = 0; i < losses.length; i++) {
                losses[i] = pairs[2 * i];
                right[i] = pairs[2 * i + 1] > 0.5f;
            }
            return new Outcome(losses, right);
        }
    }

    /**
     * Changes the parameters by the accumulated gradients.
     *
     * @param step counted from 1
     * @return the gradients' length
     */
    double update(Rates rates, int step) {
        try (NDManager call = manager.newSubManager()) {
            return train("update", call.create(new double[] {rates.learning(), rates.decay(), step}))
                    .toFloatArray()[0];
        }
    }

    /** Returns parameters and moments. */
    List<float[]> state() {
        List<float[]> values = new ArrayList<>();
        for (int i = 0; i < TrainingState.COPIES * Parameters.values().length; i++) {
            try (NDManager call = manager.newSubManager()) {
                values.add(train("get_state", call.create((long) i)).toFloatArray());
            }
        }
        return values;
    }

    private NDArray train(String method, NDArray... arguments) {
        return module.train(method, new NDList(arguments)).head();
    }

    @Override
    public void close() {
        module.close();
        manager.close();
    }
}
