package dev.kvasir.benchmarks.jmh;

import dev.kvasir.runner.ModelRunner;
import dev.kvasir.runner.RunnerOptions;
import dev.kvasir.runner.RunnerOptions.DTypeChoice;
import dev.kvasir.runner.RunnerOptions.Plan;
import dev.kvasir.runner.SamplingParams;
import dev.kvasir.runner.StepInput;
import dev.kvasir.runner.StepOutput;
import dev.kvasir.runner.StepRow;
import dev.kvasir.runner.checkpoint.ModelDirectory;
import dev.kvasir.runner.synthetic.ModelShapes;
import dev.kvasir.runner.synthetic.SyntheticModel;
import dev.kvasir.runner.torch.TorchModelRunner;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A decode step behind a long context whose slots follow each other in memory, or lie scattered: what a pool would gain by keeping them together. The
 * model has the attention of Qwen2.5-0.5B, in fewer layers, and next to nothing around it, so the gain in any real model's step is smaller.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 10, time = 1)
@Fork(3)
public class GatherBenchmark {
    private static final int LAYERS = 8;
    private static final int SEGMENT_TOKENS = 64;
    private static final int HEADS = 14;
    private static final int KV_HEADS = 2;
    private static final int HEAD_DIM = 64;
    private static final int VOCAB = 512;

    /** How the slots of the sequence lie. */
    public enum Slots {
        ADJACENT,
        SCATTERED
    }

    @Param({"4096", "16384"})
    public int context;

    @Param
    public Slots slots = Slots.ADJACENT;

    @Param({"FLOAT32", "BFLOAT16"})
    public DTypeChoice dtype = DTypeChoice.FLOAT32;

    @SuppressWarnings("NullAway.Init") // set up by JMH
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private ModelRunner runner;

    @SuppressWarnings("NullAway.Init")
    private StepInput input;

    /** Loads a model over a pool of twice the slots that are read, and fills them with numbers. */
    @Setup(Level.Trial)
    public void load() throws IOException {
        folder = Files.createTempDirectory("kvasir-gather");
        SyntheticModel.of(ModelShapes.QWEN25_05B)
                .layers(LAYERS)
                .width(64, 64)
                .heads(HEADS, KV_HEADS, HEAD_DIM)
                .vocab(VOCAB)
                .write(folder.resolve("model"));
        ModelDirectory model = ModelDirectory.open(folder.resolve("model"));
        int segments = context / SEGMENT_TOKENS;
        int bytes = dtype == DTypeChoice.BFLOAT16 ? 2 : Float.BYTES;
        long segmentBytes = 2L * LAYERS * KV_HEADS * SEGMENT_TOKENS * HEAD_DIM * bytes;
        RunnerOptions options = new RunnerOptions(
                dtype,
                Runtime.getRuntime().availableProcessors(),
                2 * segments * segmentBytes,
                SEGMENT_TOKENS,
                Plan.FUSED);
        runner = TorchModelRunner.load(model.config(), model.checkpoint(), new byte[32], options);
        SplittableRandom random = new SplittableRandom(1);
        fill(runner.kvStorage().slot(0), random, bytes);
        for (int slot = 1; slot < 2 * segments; slot++) {
            runner.kvStorage().slot(slot).put(runner.kvStorage().slot(0));
        }
        int[] tokens = random.ints(context, 0, VOCAB).toArray();
        int[] table = table(segments, random);
        input = new StepInput(
                List.of(new StepRow(tokens, context - 1, context, table, SamplingParams.GREEDY, -1, context)));
    }

    /** Computes one token. */
    @Benchmark
    public StepOutput decode() {
        return runner.run(input);
    }

    /** Frees the model. */
    @TearDown(Level.Trial)
    public void close() throws IOException {
        runner.close();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** Numbers of about the size of keys and values. */
    private static void fill(ByteBuffer slot, SplittableRandom random, int bytes) {
        while (slot.hasRemaining()) {
            int bits = Float.floatToIntBits((float) random.nextDouble(-1, 1));
            if (bytes == Float.BYTES) {
                slot.putInt(bits);
            } else {
                slot.putShort((short) (bits >>> 16)); // a bfloat16 is a float's upper half
            }
        }
    }

    private int[] table(int segments, SplittableRandom random) {
        int[] all = IntStream.range(0, 2 * segments).toArray();
        if (slots == Slots.SCATTERED) {
            for (int i = all.length - 1; i > 0; i--) {
                int other = random.nextInt(i + 1);
                int kept = all[i];
                all[i] = all[other];
                all[other] = kept;
            }
        }
        return IntStream.of(all).limit(segments).toArray();
    }
}
