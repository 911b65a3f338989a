package dev.kvasir.benchmarks.tiers;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.benchmarks.options.ModelOptions;
import dev.kvasir.benchmarks.report.JsonFile;
import dev.kvasir.benchmarks.report.Machine;
import dev.kvasir.benchmarks.report.TextTable;
import dev.kvasir.runner.ModelLoadException;
import dev.kvasir.runner.ModelRunner;
import dev.kvasir.runner.RunnerOptions;
import dev.kvasir.runner.RunnerOptions.Plan;
import dev.kvasir.runner.checkpoint.ModelDirectory;
import dev.kvasir.runner.torch.TorchModelRunner;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code kvasir bench tiers}: what the pool's tiers cost and save, from the command line. */
@Command(
        name = "tiers",
        description = {
            "Times the pool over a real model without HTTP: matching and inserting, swapping segments out and in beside a"
                    + " plain copy and the disk's own rate, and the time to the first token of a prompt whose prefix is"
                    + " computed, on the device, on the host or on the disk.",
            "The disk is measured twice: through the system's page cache, as it serves, and past it (O_DIRECT)."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class TiersCommand implements Callable<Integer> {
    /** Nothing computed here outlives the process, so the weights need no identity. */
    private static final byte[] NO_FINGERPRINT = new byte[32];

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description = "A Hugging Face model directory (default: the model in the box).")
    private @Nullable Path model;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "Where the disk tier's file is made and deleted again (default: data below Kvasir's folder).")
    private @Nullable Path dir;

    @Option(
            names = "--device-mib",
            paramLabel = "MIB",
            defaultValue = "256",
            description = "KV memory of the device (default: ${DEFAULT-VALUE}).")
    private int deviceMib;

    @Option(
            names = "--below-mib",
            paramLabel = "MIB",
            defaultValue = "512",
            description = "Size of the host tier, and of the disk tier's file (default: ${DEFAULT-VALUE}).")
    private int belowMib;

    @Option(
            names = "--prefix-tokens",
            paramLabel = "N",
            defaultValue = "2000",
            description = "Tokens of the prefix (default: ${DEFAULT-VALUE}).")
    private int prefixTokens;

    @Option(
            names = "--match-tokens",
            paramLabel = "N",
            defaultValue = "16384",
            description = "Tokens of the prompt that is matched (default: ${DEFAULT-VALUE}).")
    private int matchTokens;

    @Option(
            names = "--runs",
            paramLabel = "N",
            defaultValue = "20",
            description = "How often each is timed (default: ${DEFAULT-VALUE}).")
    private int runs;

    @Mixin
    private final ModelOptions options = new ModelOptions();

    @Option(
            names = "--io-threads",
            paramLabel = "N",
            defaultValue = "2",
            description = "Threads that copy segments (default: ${DEFAULT-VALUE}).")
    private int ioThreads;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Seed of the prompts (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--json", paramLabel = "FILE", description = "Also write the figures as JSON.")
    private @Nullable Path json;

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        if (runs < 1
                || ioThreads < 1
                || prefixTokens < options.segmentTokens()
                || matchTokens < options.segmentTokens()) {
            throw new ParameterException(
                    spec.commandLine(), "--runs and --io-threads must be 1 or more, the prompts a segment or more");
        }
        Path folder = Files.createDirectories(dir != null ? dir : home().resolve("data"));
        double loadBefore = Machine.load();
        try (ModelRunner runner = load()) {
            TiersBenchmark benchmark = new TiersBenchmark(
                    runner,
                    new TiersBenchmark.Plan(prefixTokens, matchTokens, runs, (long) belowMib << 20, ioThreads, seed),
                    folder,
                    err::println);
            List<Figure> figures = benchmark.run();
            double loadAfter = Machine.load();
            out.println(Machine.here());
            out.println(directory() + ", " + runner.kvLayout() + ", "
                    + runner.kvLayout().segmentBytes()
                    + " bytes a segment, " + options.threads() + " threads, " + ioThreads + " that copy; load average "
                    + TextTable.number(loadBefore, 2) + " before and " + TextTable.number(loadAfter, 2) + " after");
            out.println();
            out.print(TiersReport.text(figures));
            out.flush();
            if (json != null) {
                JsonFile.write(json, toJson(runner, figures, loadBefore, loadAfter));
            }
            return 0;
        } catch (ModelLoadException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private ModelRunner load() {
        ModelDirectory from = ModelDirectory.open(directory());
        if (prefixTokens + FirstToken.TAIL_TOKENS >= from.config().contextTokens()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--prefix-tokens " + prefixTokens + " doesn't fit the model's context of "
                            + from.config().contextTokens());
        }
        RunnerOptions forRunner = options.runner(deviceMib, Plan.FUSED);
        return TorchModelRunner.load(from.config(), from.checkpoint(), NO_FINGERPRINT, forRunner);
    }

    private Path directory() {
        return model != null ? model : home().resolve("models").resolve("kvasir-mini");
    }

    private static Path home() {
        return Path.of(Objects.requireNonNullElse(System.getProperty("kvasir.home"), ""));
    }

    private ObjectNode toJson(ModelRunner runner, List<Figure> figures, double loadBefore, double loadAfter) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("kind", "tiers");
        node.set("machine", Machine.here().toJson());
        JsonFile.put(node, "loadBefore", loadBefore);
        JsonFile.put(node, "loadAfter", loadAfter);
        node.put("model", directory().toString());
        node.put("dtype", runner.kvLayout().dtype().toString());
        node.put("segmentTokens", options.segmentTokens());
        node.put("segmentBytes", runner.kvLayout().segmentBytes());
        node.put("prefixTokens", prefixTokens);
        node.put("threads", options.threads());
        node.put("ioThreads", ioThreads);
        node.put("seed", seed);
        node.set("figures", TiersReport.json(figures));
        return node;
    }
}
