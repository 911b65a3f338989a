package dev.kvasir.benchmarks;

import dev.kvasir.benchmarks.cluster.ClusterSimCommand;
import dev.kvasir.benchmarks.eviction.EvictionCommand;
import dev.kvasir.benchmarks.guides.GuidesCommand;
import dev.kvasir.benchmarks.jmh.JmhCommand;
import dev.kvasir.benchmarks.model.MakeModelCommand;
import dev.kvasir.benchmarks.nodes.NodesCommand;
import dev.kvasir.benchmarks.nodes.RemoteStepCommand;
import dev.kvasir.benchmarks.quality.KvQualityCommand;
import dev.kvasir.benchmarks.serving.IsolationCommand;
import dev.kvasir.benchmarks.serving.LoadOptions;
import dev.kvasir.benchmarks.serving.ServingBenchmark;
import dev.kvasir.benchmarks.step.StepCommand;
import dev.kvasir.benchmarks.tiers.TiersCommand;
import dev.kvasir.benchmarks.turns.TurnsCommand;
import dev.kvasir.benchmarks.wire.WireCommand;
import dev.kvasir.engine.Subcommand;
import java.io.IOException;
import java.net.ConnectException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code kvasir bench}: a serving load by itself; other benchmarks are its subcommands. */
@Command(
        name = "bench",
        description = {
            "Loads an OpenAI-compatible server, this one or another, and measures TTFT, TPOT, ITL, end-to-end time and"
                    + " throughput. Latencies count from when a request was due, late or not.",
            "Subcommands but isolation measure without a server."
        },
        subcommands = {
            IsolationCommand.class,
            StepCommand.class,
            TiersCommand.class,
            TurnsCommand.class,
            WireCommand.class,
            NodesCommand.class,
            RemoteStepCommand.class,
            EvictionCommand.class,
            ClusterSimCommand.class,
            KvQualityCommand.class,
            GuidesCommand.class,
            MakeModelCommand.class,
            JmhCommand.class
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class BenchCommand implements Subcommand {
    private static final int EXIT_UNUSABLE = 2;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Mixin
    private final LoadOptions options = new LoadOptions();

    @Override
    public Integer call() throws InterruptedException {
        try {
            return new ServingBenchmark(options, spec.commandLine().getOut()).run();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        } catch (ConnectException e) {
            spec.commandLine().getErr().println("kvasir: nobody answers at the server's address; is it running?");
            return EXIT_UNUSABLE;
        } catch (IOException e) {
            spec.commandLine().getErr().println("kvasir: " + e.getMessage());
            return EXIT_UNUSABLE;
        }
    }
}
