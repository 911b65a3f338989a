package dev.kvasir.benchmarks.model;

import dev.kvasir.benchmarks.options.EnumConverter;
import dev.kvasir.runner.DType;
import dev.kvasir.runner.ModelConfig;
import dev.kvasir.runner.synthetic.ModelShapes;
import dev.kvasir.runner.synthetic.SyntheticModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code kvasir bench make-model}: writes a model of a published shape with random weights. */
@Command(
        name = "make-model",
        description = "Writes a Hugging Face model directory with random weights and a synthetic tokenizer of the full"
                + " vocabulary. It answers nonsense, as fast as the trained model would.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class MakeModelCommand implements Callable<Integer> {
    /** Element types that a checkpoint can be written in. */
    enum StoredType {
        BF16(DType.BFLOAT16),
        F16(DType.FLOAT16),
        F32(DType.FLOAT32);

        private final DType dtype;

        StoredType(DType dtype) {
            this.dtype = dtype;
        }
    }

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Option(
            names = "--shape",
            paramLabel = "NAME",
            required = true,
            description = "qwen2.5-0.5b, llama-3.2-1b, or a tiny one for tests: tiny-llama, tiny-mistral, tiny-qwen2,"
                    + " tiny-qwen3.")
    @SuppressWarnings("NullAway.Init") // required
    private String shape;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            required = true,
            description = "Where to: a folder that doesn't exist yet, or is empty.")
    @SuppressWarnings("NullAway.Init") // required
    private Path directory;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Seed of the weights; the same seed gives the same files (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--dtype",
            paramLabel = "bf16|f16|f32",
            defaultValue = "bf16",
            converter = StoredTypeConverter.class,
            description = "Element type of the weights (default: ${DEFAULT-VALUE}).")
    private StoredType dtype = StoredType.BF16;

    @Override
    public Integer call() throws IOException {
        ModelShapes chosen = ModelShapes.named(shape)
                .orElseThrow(() -> wrong("--shape " + shape + " is none of "
                        + Arrays.stream(ModelShapes.values())
                                .map(ModelShapes::title)
                                .collect(Collectors.joining(", "))));
        if (isOccupied(directory)) {
            throw wrong("--out " + directory + " has something in it already");
        }
        SyntheticModel model = SyntheticModel.of(chosen).seed(seed).dtype(dtype.dtype);
        model.write(Files.createDirectories(directory));
        ModelConfig config = model.config();
        PrintWriter out = spec.commandLine().getOut();
        out.println(directory + ": " + shape + ", " + config.layers() + " layers, hidden " + config.hidden()
                + ", vocabulary " + config.vocab() + ", " + (bytes(directory) >> 20) + " MiB, seed " + seed);
        out.flush();
        return 0;
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private static boolean isOccupied(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return Files.exists(directory);
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.findAny().isPresent();
        }
    }

    private static long bytes(Path directory) throws IOException {
        long sum = 0;
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                sum += Files.size(file);
            }
        }
        return sum;
    }

    private static final class StoredTypeConverter extends EnumConverter<StoredType> {
        private StoredTypeConverter() {
            super(StoredType.class);
        }
    }
}
