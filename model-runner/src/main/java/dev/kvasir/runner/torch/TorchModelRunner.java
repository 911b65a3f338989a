package dev.kvasir.runner.torch;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import dev.kvasir.pool.KvDtype;
import dev.kvasir.pool.KvLayout;
import dev.kvasir.pool.SlotStorage;
import dev.kvasir.runner.DType;
import dev.kvasir.runner.KvDevice;
import dev.kvasir.runner.ModelConfig;
import dev.kvasir.runner.ModelLoadException;
import dev.kvasir.runner.ModelRunner;
import dev.kvasir.runner.PartialAttention;
import dev.kvasir.runner.RunnerOptions;
import dev.kvasir.runner.RunnerOptions.DTypeChoice;
import dev.kvasir.runner.StepInput;
import dev.kvasir.runner.StepOutput;
import dev.kvasir.runner.TensorRef;
import dev.kvasir.runner.WeightSource;
import dev.kvasir.runner.reference.ReferenceAttention;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A Llama-family model on DJL's PyTorch engine. */
public final class TorchModelRunner implements ModelRunner {
    private static final Logger LOG = LoggerFactory.getLogger(TorchModelRunner.class);

    private final ModelConfig config;
    private final byte[] fingerprint;
    private final KvLayout layout;
    private final PtNDManager manager;
    private final TorchPlace place;
    private final TorchModule module;
    private final @Nullable TorchKvStorage storage; // null if the pool is a device's
    private final @Nullable KvDevice device;
    private final StepPacker packer;
    private final ForwardPlan plan;
    private final DType dtype;
    private final List<ForeignAttention> others = new ArrayList<>(); // executors of other threads
    private @Nullable ForwardPlan elsewhere; // for steps that attend to segments of other nodes
    private BooleanSupplier alwaysElsewhere = () -> false;
    private final RowResults results;
    private @Nullable Thread prepared;

    private TorchModelRunner(
            ModelConfig config,
            WeightSource weights,
            byte[] fingerprint,
            RunnerOptions options,
            DType dtype,
            int slots,
            TorchPlace place,
            KvDevice.@Nullable Factory devices) {
        this.place = place;
        this.config = config;
        this.fingerprint = fingerprint.clone();
        this.dtype = dtype;
        layout = layout(config, options, dtype);
        manager = (PtNDManager) NDManager.newBaseManager("PyTorch");
        // oneDNN's own layout reads bfloat16 weights twice as fast at small batches; float32 gains nothing from it.
        boolean packed = place.isHost() && dtype == DType.BFLOAT16 && Processor.hasBfloat16();
        module = new TorchModule(manager, LlamaScript.archive(config, dtype, packed, layout.segmentTokens()));
        module.call("set_home", (PtNDArray) manager.zeros(new Shape(1), DataType.FLOAT32, place.device()));
        try (PtNDManager load = (PtNDManager) manager.newSubManager()) {
            TorchWeights.load(load, module, config, weights);
        }
        int positions = (int) Math.min(config.contextTokens(), (long) slots * layout.segmentTokens());
        setRotary(positions);
        if (devices == null) {
            device = null;
            storage = new TorchKvStorage(manager, layout, slots);
            module.call("bind_pool", storage.memory());
        } else {
            double[] frequencies = Rotary.frequencies(config.rope(), config.headDim());
            device = openDevice(devices, frequencies, positions, slots);
            storage = null;
        }
        packer = new StepPacker(manager, layout, slots, config.vocab(), positions);
        plan = plan(options.plan(), dtype);
        results = new RowResults(manager, module, config.vocab());
        LOG.info(
                "model: {} {} layers={} dtype={} packed={} threads={} on {}; attention: {} plan; pool: {} slots of {}"
                        + " tokens, {} bytes each",
                config.family(),
                config.hidden(),
                config.layers(),
                dtype,
                packed,
                options.threads(),
                place.device(),
                device == null ? options.plan() : "device",
                slots,
                layout.segmentTokens(),
                layout.segmentBytes());
    }

    /**
     * Loads a model.
     *
     * @param weights read once; may be closed afterwards
     * @param fingerprint SHA-256 of config and weights
     * @throws ModelLoadException if the pool's memory doesn't hold a segment, or a weight is missing
     */
    public static TorchModelRunner load(
            ModelConfig config, WeightSource weights, byte[] fingerprint, RunnerOptions options) {
        return load(config, weights, fingerprint, options, TorchPlace.HOST, null);
    }

    /**
     * Loads a model whose keys, values and attention are on a device of their own; the plan in the options doesn't count then.
     *
     * @param place where weights and activations lie: on the host, or on that device
     * @param devices makes that device; null for none
     */
    public static TorchModelRunner load(
            ModelConfig config,
            WeightSource weights,
            byte[] fingerprint,
            RunnerOptions options,
            TorchPlace place,
            KvDevice.@Nullable Factory devices) {
        if (devices == null && !place.isHost()) {
            throw new IllegalArgumentException(
                    "Torch's own attention is for the host; the weights are to lie on " + place.device());
        }
        // Loads libtorch; the thread count is the process's.
        Engine.getEngine("PyTorch");
        JniUtils.setNumThreads(options.threads());
        DType dtype = chooseDtype(config, options.dtype());
        KvLayout layout = layout(config, options, dtype);
        long slots = options.poolBytes() / layout.segmentBytes();
        if (slots < 2) {
            throw new ModelLoadException("pool.deviceBytes " + options.poolBytes() + " holds " + slots + " segments of "
                    + layout.segmentBytes() + " bytes, and a sequence needs at least 2");
        }
        return new TorchModelRunner(
                config,
                weights,
                fingerprint,
                options,
                dtype,
                (int) Math.min(slots, Integer.MAX_VALUE / 2),
                place,
                devices);
    }

    /** Returns the layout of a slot of a model that is loaded with these options on this machine; loads nothing. */
    public static KvLayout layout(ModelConfig config, RunnerOptions options) {
        return layout(config, options, chooseDtype(config, options.dtype()));
    }

    private static DType chooseDtype(ModelConfig config, DTypeChoice choice) {
        return switch (choice) {
            case FLOAT32 -> DType.FLOAT32;
            case BFLOAT16 -> DType.BFLOAT16;
            case AUTO ->
                config.storedDtype() == DType.BFLOAT16 && Processor.hasBfloat16() ? DType.BFLOAT16 : DType.FLOAT32;
        };
    }

    private static KvLayout layout(ModelConfig config, RunnerOptions options, DType dtype) {
        KvDtype kv = dtype == DType.BFLOAT16 ? KvDtype.BFLOAT16 : KvDtype.FLOAT32;
        return new KvLayout(config.layers(), config.kvHeads(), config.headDim(), options.segmentTokens(), kv);
    }

    private KvDevice openDevice(KvDevice.Factory devices, double[] frequencies, int positions, int slots) {
        try {
            TensorRef pool = place.lends() ? lentPool(slots) : null;
            return devices.create(layout, config.heads(), frequencies, positions, slots, pool);
        } catch (RuntimeException e) {
            module.close();
            manager.close();
            throw new ModelLoadException("the device can't serve this model: " + e.getMessage(), e);
        }
    }

    /** The slots as memory that Torch has allocated, for its address to be lent: DJL can't make a tensor of another library's memory. */
    private TensorRef lentPool(int slots) {
        Shape shape = new Shape(slots, layout.segmentBytes() / Float.BYTES);
        return place.ref((PtNDArray) manager.zeros(shape, DataType.FLOAT32, place.device()), DType.FLOAT32);
    }

    private ForwardPlan plan(RunnerOptions.Plan choice, DType dtype) {
        if (device != null) {
            return new DevicePlan(manager, place, module, device, device.attention(), true, config, layout, dtype);
        }
        TorchAttention torch = new TorchAttention(manager, module, layout);
        return switch (choice) {
            case FUSED -> new FusedPlan(module, torch);
            case LAYERED -> new LayeredPlan(manager, module, torch, config, dtype);
            case REFERENCE -> {
                PartialAttention reference = new ReferenceAttention(layout, kvStorage());
                yield new LayeredPlan(manager, module, reference, config, dtype);
            }
        };
    }

    // Tables of (positions, headDim): both halves of a head turn by the same angle.
    private void setRotary(int positions) {
        double[] frequencies = Rotary.frequencies(config.rope(), config.headDim());
        int half = frequencies.length;
        float[] cos = new float[positions * 2 * half];
        float[] sin = new float[positions * 2 * half];
        for (int p = 0; p < positions; p++) {
            for (int i = 0; i < half; i++) {
                double angle = p * frequencies[i];
                int at = p * 2 * half + i;
                cos[at] = cos[at + half] = (float) Math.cos(angle);
                sin[at] = sin[at + half] = (float) Math.sin(angle);
            }
        }
        Shape shape = new Shape(positions, 2L * half);
        try (NDArray c = manager.create(cos, shape);
                NDArray s = manager.create(sin, shape)) {
            module.call("set_rotary", (PtNDArray) c, (PtNDArray) s);
        }
    }

    @Override
    public ModelConfig config() {
        return config;
    }

    @Override
    public KvLayout kvLayout() {
        return layout;
    }

    @Override
    public SlotStorage kvStorage() {
        return device == null ? Objects.requireNonNull(storage) : device.storage();
    }

    @Override
    public byte[] fingerprint() {
        return fingerprint.clone();
    }

    @Override
    public StepOutput run(StepInput input) {
        if (prepared != Thread.currentThread()) {
            // The profiling executor makes the first steps up to 1.7 times slower and gains nothing; the switch is per
            // thread.
            JniUtils.setGraphExecutorOptimize(false);
            prepared = Thread.currentThread();
        }
        try (PtNDManager step = (PtNDManager) manager.newSubManager()) {
            PackedStep packed = packer.pack(input);
            return results.of(step, packed, planFor(packed).forward(step, packed));
        }
    }

    private ForwardPlan planFor(PackedStep packed) {
        ForwardPlan around = elsewhere;
        boolean isNeeded = packed.spans().stream()
                .anyMatch(span -> Arrays.stream(span.slots(), 0, layout.segmentsFor(span.keyTo()))
                        .anyMatch(slot -> slot < 0));
        if (isNeeded && around == null) {
            throw new IllegalArgumentException("a row names segments of other nodes, and nobody attends to these");
        }
        return around != null && (isNeeded || alwaysElsewhere.getAsBoolean()) ? around : plan;
    }

    @Override
    public boolean isLost() {
        return device != null && device.isLost();
    }

    @Override
    public PartialAttention newAttention() {
        if (device != null) {
            return device.newAttention();
        }
        ForeignAttention attention = new ForeignAttention(config, dtype, layout, Objects.requireNonNull(storage));
        others.add(attention);
        return attention;
    }

    @Override
    public void attendElsewhere(UnaryOperator<PartialAttention> around, BooleanSupplier needed) {
        alwaysElsewhere = needed;
        if (device != null) {
            PartialAttention outer = around.apply(device.attention());
            elsewhere = new DevicePlan(manager, place, module, device, outer, false, config, layout, dtype);
            return;
        }
        TorchAttention torch = new TorchAttention(manager, module, layout);
        elsewhere = new LayeredPlan(manager, module, around.apply(torch), config, dtype);
    }

    @Override
    public void close() {
        others.forEach(ForeignAttention::close);
        if (device == null) {
            // The module holds views of the pool.
            module.call("unbind_pool");
        } else {
            device.close();
        }
        module.close();
        manager.close();
    }
}
