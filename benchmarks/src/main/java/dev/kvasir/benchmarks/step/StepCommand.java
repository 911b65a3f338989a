package dev.kvasir.benchmarks.step;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.benchmarks.options.EnumConverter;
import dev.kvasir.benchmarks.options.ModelOptions;
import dev.kvasir.benchmarks.report.JsonFile;
import dev.kvasir.benchmarks.report.Machine;
import dev.kvasir.benchmarks.report.TextTable;
import dev.kvasir.runner.Guide;
import dev.kvasir.runner.GuideSpec;
import dev.kvasir.runner.Guides.GuideException;
import dev.kvasir.runner.ModelLoadException;
import dev.kvasir.runner.ModelRunner;
import dev.kvasir.runner.RunnerOptions;
import dev.kvasir.runner.RunnerOptions.Plan;
import dev.kvasir.runner.Tokenizer;
import dev.kvasir.runner.guided.GuideCompiler;
import dev.kvasir.runner.tokenizer.HfTokenizer;
import dev.kvasir.scheduler.SchedulerConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code kvasir bench step}: the step benchmark from the command line. */
@Command(
        name = "step",
        description =
                "Measures prefill and decode on this machine without HTTP: scheduler, pool and model runner alone.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class StepCommand implements Callable<Integer> {
    private final RunnerFactory runners;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Option(names = "--model", paramLabel = "DIR", required = true, description = "A Hugging Face model directory.")
    @SuppressWarnings("NullAway.Init") // required
    private Path model;

    @Option(
            names = "--prefill",
            paramLabel = "N",
            split = ",",
            defaultValue = "512",
            description = "Prompt lengths to prefill, with commas between them (default: ${DEFAULT-VALUE}).")
    private List<Integer> prefill = List.of();

    @Option(
            names = "--batch",
            paramLabel = "B",
            split = ",",
            defaultValue = "1,8",
            description = "Numbers of sequences to decode at once (default: ${DEFAULT-VALUE}).")
    private List<Integer> batches = List.of();

    @Option(
            names = "--context",
            paramLabel = "N",
            defaultValue = "256",
            description = "Tokens that stand before what is decoded (default: ${DEFAULT-VALUE}).")
    private int context;

    @Option(
            names = "--decode-tokens",
            paramLabel = "N",
            defaultValue = "32",
            description = "Tokens that each sequence decodes in a measurement (default: ${DEFAULT-VALUE}).")
    private int decodeTokens;

    @Option(
            names = "--repetitions",
            paramLabel = "N",
            defaultValue = "5",
            description = "Measurements of each workload, after one that doesn't count (default: ${DEFAULT-VALUE}).")
    private int repetitions;

    @Option(
            names = "--plans",
            paramLabel = "PLAN",
            split = ",",
            defaultValue = "fused",
            converter = PlanConverter.class,
            description = "Forward plans, fused and layered; two take turns, each with the model loaded for itself"
                    + " (default: ${DEFAULT-VALUE}).")
    private List<Plan> plans = List.of();

    @Mixin
    private final ModelOptions options = new ModelOptions();

    @Option(
            names = "--pool-mib",
            paramLabel = "MIB",
            defaultValue = "1024",
            description = "KV memory in MiB, for each plan (default: ${DEFAULT-VALUE}).")
    private int poolMib;

    @Option(
            names = "--prefill-chunk",
            paramLabel = "N",
            defaultValue = "512",
            description = "Tokens of a prompt that one step computes at most (default: ${DEFAULT-VALUE}).")
    private int prefillChunk;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Seed of the prompts (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--guided", description = "Have every token follow a JSON Schema, each sequence for itself.")
    private boolean guided;

    @Option(names = "--json", paramLabel = "FILE", description = "Also write every measurement as JSON.")
    private @Nullable Path json;

    /** A command that loads models as the server does. */
    public StepCommand() {
        this(new TorchRunnerFactory());
    }

    /** A command that loads models by {@code runners}. */
    public StepCommand(RunnerFactory runners) {
        this.runners = runners;
    }

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        StepPlan plan = plan();
        double loadBefore = Machine.load();
        List<StepResult> results;
        try {
            results = new StepBenchmark(plan, each -> load(each, plan), err::println).run();
        } catch (ModelLoadException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        double loadAfter = Machine.load();
        out.println(Machine.here());
        out.println(model + ", " + options.threads() + " threads, median of " + repetitions + "; load average "
                + TextTable.number(loadBefore, 2) + " before and " + TextTable.number(loadAfter, 2) + " after");
        out.println();
        out.print(StepReport.text(results));
        out.flush();
        if (json != null) {
            JsonFile.write(json, toJson(results, loadBefore, loadAfter));
        }
        return 0;
    }

    private StepPlan plan() {
        try {
            List<Workload> workloads = new ArrayList<>();
            prefill.forEach(tokens -> workloads.add(Workload.prefill(tokens)));
            batches.forEach(batch -> workloads.add(Workload.decode(batch, context, decodeTokens)));
            return new StepPlan(workloads, plans, repetitions);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private LoadedModel load(Plan each, StepPlan plan) {
        RunnerOptions forRunner = options.runner(poolMib, each);
        ModelRunner runner = runners.load(model, forRunner);
        int sequences = plan.maxSequences();
        SchedulerConfig config = new SchedulerConfig(
                prefillChunk + sequences,
                sequences,
                sequences,
                prefillChunk,
                runner.config().contextTokens());
        return new LoadedModel(runner, config, System::nanoTime, new SplittableRandom(seed), guided ? guide() : null);
    }

    /** Returns a guide that every vocabulary can follow and that never ends. */
    private Guide guide() {
        Tokenizer tokenizer = HfTokenizer.load(model); // the guide's, to the end
        try {
            GuideSpec records = new GuideSpec("""
                    {"schema": {"type": "array", "items": {"type": "object", "additionalProperties": false, "required": ["name", "size", "kind"],
                    "properties": {"name": {"type": "string"}, "size": {"type": "integer"}, "kind": {"enum": ["a", "b"]}}}}}""");
            return new GuideCompiler(tokenizer, System::nanoTime).compile(records);
        } catch (GuideException e) {
            throw new ModelLoadException("the model's tokenizer can't be guided: " + e.getMessage());
        }
    }

    private ObjectNode toJson(List<StepResult> results, double loadBefore, double loadAfter) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("kind", "step");
        node.set("machine", Machine.here().toJson());
        JsonFile.put(node, "loadBefore", loadBefore);
        JsonFile.put(node, "loadAfter", loadAfter);
        node.put("model", model.toString());
        node.put("dtype", options.dtype().toString());
        node.put("threads", options.threads());
        node.put("segmentTokens", options.segmentTokens());
        node.put("prefillChunk", prefillChunk);
        node.put("seed", seed);
        node.set("results", StepReport.json(results));
        return node;
    }

    private static final class PlanConverter extends EnumConverter<Plan> {
        private PlanConverter() {
            super(Plan.class);
        }
    }
}
