package dev.kvasir.benchmarks.nodes;

import dev.kvasir.benchmarks.report.Machine;
import dev.kvasir.benchmarks.report.TextTable;
import dev.kvasir.runner.ModelConfig;
import dev.kvasir.runner.checkpoint.ModelDirectory;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import org.apache.commons.math3.stat.StatUtils;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kvasir bench remote-step}: what it costs a decode step that its prefix lies on another node. */
@Command(
        name = "remote-step",
        description = {
            "Starts two nodes on this machine and times decode steps whose prefix lies on the node that computes them, and"
                    + " steps whose prefix is attended to on the other one, by a query in each layer: the difference is"
                    + " what queries add.",
            "A step's time is that of a long reply less that of a short one, by the difference of their lengths."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class RemoteStepCommand implements Callable<Integer> {
    private static final int EXIT_UNUSABLE = 2;
    private static final int SEGMENT = 16;
    private static final int SHORT = 8;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Option(names = "--model", paramLabel = "DIR", required = true, description = "Directory of the checkpoint.")
    @SuppressWarnings("NullAway.Init") // required
    private Path model;

    @Option(
            names = "--prefix-tokens",
            paramLabel = "N",
            defaultValue = "256",
            description = "Tokens before what is decoded (default: ${DEFAULT-VALUE}).")
    private int prefixTokens;

    @Option(
            names = "--steps",
            paramLabel = "N",
            defaultValue = "64",
            description = "Steps by which the long reply is longer (default: ${DEFAULT-VALUE}).")
    private int steps;

    @Option(
            names = "--prompts",
            paramLabel = "N",
            defaultValue = "20",
            description = "How many (default: ${DEFAULT-VALUE}).")
    private int prompts;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Seed (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        List<NodeProcess> nodes = new ArrayList<>();
        try {
            ModelConfig config = ModelDirectory.open(model).config();
            Path home = Files.createTempDirectory("kvasir-nodes");
            out.println(Machine.here() + ", load average " + TextTable.number(Machine.load(), 2));
            for (int i = 0; i < 2; i++) {
                nodes.add(NodeProcess.start(home.resolve("log-" + i), settings(home)));
            }
            measure(nodes.get(0), config, out);
            return 0;
        } catch (IOException e) {
            spec.commandLine().getErr().println("kvasir: " + e.getMessage());
            return EXIT_UNUSABLE;
        } finally {
            nodes.forEach(NodeProcess::close);
        }
    }

    private List<String> settings(Path home) {
        return List.of(
                "data.dir=" + home.resolve("data"),
                "model.path=" + model.toAbsolutePath(),
                "model.name=served",
                "model.dtype=float32",
                "model.threads=1",
                "pool.segmentTokens=" + SEGMENT,
                "pool.deviceBytes=256MiB",
                "pool.prefetch=wait",
                "cluster.reads=query",
                "cluster.routing=round-robin"); // each request runs on the other node than the one before
    }

    private void measure(NodeProcess node, ModelConfig config, PrintWriter out)
            throws IOException, InterruptedException {
        SplittableRandom random = new SplittableRandom(seed);
        List<Double> here = new ArrayList<>(); // microseconds a step
        List<Double> there = new ArrayList<>();
        for (int i = 0; i < prompts; i++) {
            int[] prompt = random.ints(prefixTokens + 1, 3, config.vocab()).toArray();
            node.complete("served", prompt, 1); // computes the prefix, which stays there
            Timed[] brief = {ask(node, prompt, SHORT), ask(node, prompt, SHORT)};
            Timed[] whole = {ask(node, prompt, SHORT + steps), ask(node, prompt, SHORT + steps)};
            for (int turn = 0; turn < 2; turn++) {
                double step = (whole[turn].micros - brief[turn].micros) / steps;
                // A prefix that lies here and there is neither.
                if (whole[turn].remote == 0 && brief[turn].remote == 0) {
                    here.add(step);
                } else if (whole[turn].remote >= prefixTokens && brief[turn].remote >= prefixTokens) {
                    there.add(step);
                }
            }
        }
        TextTable table = new TextTable("prefix", "prompts", "us a step, p25", "median", "p75");
        row(table, "here", here);
        row(table, "on the other node", there);
        out.println(model + ", " + config.layers() + " layers, float32, prefixes of " + prefixTokens + " tokens, "
                + steps + " steps");
        out.println();
        out.print(table);
        out.println("a query adds " + TextTable.number((median(there) - median(here)) / config.layers(), 0)
                + " us to a layer");
        out.flush();
    }

    private record Timed(double micros, int remote) {}

    private static Timed ask(NodeProcess node, int[] prompt, int tokens) throws IOException, InterruptedException {
        long begun = System.nanoTime();
        NodeProcess.Reply reply = node.complete("served", prompt, tokens);
        return new Timed((System.nanoTime() - begun) / 1e3, reply.remote());
    }

    private static void row(TextTable table, String name, List<Double> values) {
        double[] all = values.stream().mapToDouble(Double::doubleValue).toArray();
        table.row(
                name,
                Integer.toString(all.length),
                TextTable.number(StatUtils.percentile(all, 25), 0),
                TextTable.number(StatUtils.percentile(all, 50), 0),
                TextTable.number(StatUtils.percentile(all, 75), 0));
    }

    private static double median(List<Double> values) {
        return StatUtils.percentile(
                values.stream().mapToDouble(Double::doubleValue).toArray(), 50);
    }
}
