package dev.kvasir.benchmarks.quality;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.benchmarks.options.ModelOptions;
import dev.kvasir.benchmarks.report.JsonFile;
import dev.kvasir.benchmarks.report.Machine;
import dev.kvasir.benchmarks.step.RunnerFactory;
import dev.kvasir.benchmarks.step.TorchRunnerFactory;
import dev.kvasir.pool.KvLayout;
import dev.kvasir.pool.codec.Int8Codec;
import dev.kvasir.runner.ModelLoadException;
import dev.kvasir.runner.ModelRunner;
import dev.kvasir.runner.RunnerOptions;
import dev.kvasir.runner.RunnerOptions.Plan;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code kvasir bench kv-quality}: what pool.storedDtype int8 does to replies, from the command line. */
@Command(
        name = "kv-quality",
        description = {
            "Compares greedy continuations of prompts whose keys and values came back from int8, as they do from a tier below"
                    + " the device with pool.storedDtype int8, with those of the exact ones. No server, no times.",
            "The prompts are the model's own text, drawn at temperature 1. The column \"other chunks\" is a control: exact"
                    + " prefixes, computed in steps of another size."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class KvQualityCommand implements Callable<Integer> {
    private final RunnerFactory runners = new TorchRunnerFactory();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Option(names = "--model", paramLabel = "DIR", required = true, description = "A Hugging Face model directory.")
    @SuppressWarnings("NullAway.Init") // required
    private Path model;

    @Option(
            names = "--prompts",
            paramLabel = "N",
            defaultValue = "200",
            description = "Prompts (default: ${DEFAULT-VALUE}).")
    private int prompts;

    @Option(
            names = "--prompt-tokens",
            paramLabel = "N",
            defaultValue = "300",
            description = "Tokens of each; whole segments of them come back from int8 (default: ${DEFAULT-VALUE}).")
    private int promptTokens;

    @Option(
            names = "--new-tokens",
            paramLabel = "N",
            defaultValue = "64",
            description = "Tokens of each continuation (default: ${DEFAULT-VALUE}).")
    private int newTokens;

    @Mixin
    private final ModelOptions options = new ModelOptions();

    @Option(
            names = "--pool-mib",
            paramLabel = "MIB",
            defaultValue = "512",
            description = "KV memory in MiB (default: ${DEFAULT-VALUE}).")
    private int poolMib;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Seed of the prompts (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--json", paramLabel = "FILE", description = "Also write the results as JSON, with each prompt's.")
    private @Nullable Path json;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        RunnerOptions forRunner = options.runner(poolMib, Plan.FUSED);
        try (ModelRunner runner = runners.load(model, forRunner)) {
            KvLayout layout = runner.kvLayout();
            Int8Codec codec = new Int8Codec(layout);
            QualityPlan plan = new QualityPlan(prompts, promptTokens, newTokens, seed);
            List<VariationResult> results = new KvQuality(runner, plan)
                    .run(
                            List.of(
                                    Variations.otherChunks(options.segmentTokens()),
                                    Variations.coded("int8", codec, runner.kvStorage(), options.segmentTokens())),
                            err::println);
            out.println(Machine.here());
            out.println(
                    model + ", " + layout.dtype() + ", heads of " + layout.headDim() + "; " + prompts + " prompts of "
                            + promptTokens + " tokens, of which " + plan.prefixTokens(options.segmentTokens())
                            + " came back, and " + newTokens
                            + " new ones; a segment has " + layout.segmentBytes() + " bytes, " + codec.codedBytes()
                            + " in int8");
            out.println();
            out.print(KvQualityReport.text(results));
            out.flush();
            if (json != null) {
                JsonFile.write(json, toJson(layout, codec, results));
            }
            return 0;
        } catch (ModelLoadException | IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private ObjectNode toJson(KvLayout layout, Int8Codec codec, List<VariationResult> results) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("kind", "kv-quality");
        node.set("machine", Machine.here().toJson());
        node.put("model", model.toString());
        node.put("dtype", layout.dtype().toString());
        node.put("headDim", layout.headDim());
        node.put("segmentTokens", options.segmentTokens());
        node.put("segmentBytes", layout.segmentBytes());
        node.put("codedBytes", codec.codedBytes());
        node.put("promptTokens", promptTokens);
        node.put("newTokens", newTokens);
        node.put("seed", seed);
        node.set("results", KvQualityReport.json(results));
        return node;
    }
}
