package dev.kvasir.benchmarks.options;

import dev.kvasir.runner.RunnerOptions;
import dev.kvasir.runner.RunnerOptions.DTypeChoice;
import dev.kvasir.runner.RunnerOptions.Plan;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a command that computes runs its model. */
public final class ModelOptions {
    @Option(
            names = "--dtype",
            paramLabel = "DTYPE",
            defaultValue = "auto",
            converter = DTypeConverter.class,
            description = "auto, float32 or bfloat16 (default: ${DEFAULT-VALUE}).")
    private DTypeChoice dtype = DTypeChoice.AUTO;

    @Option(names = "--threads", paramLabel = "N", description = "Threads that compute (default: all cores).")
    private @Nullable Integer threads;

    @Option(
            names = "--segment-tokens",
            paramLabel = "N",
            defaultValue = "64",
            description = "Tokens of a segment (default: ${DEFAULT-VALUE}).")
    private int segmentTokens;

    /** Returns the type that was asked for. */
    public DTypeChoice dtype() {
        return dtype;
    }

    /** Returns how many threads compute. */
    public int threads() {
        return threads == null ? Runtime.getRuntime().availableProcessors() : threads;
    }

    /** Returns the tokens of a segment. */
    public int segmentTokens() {
        return segmentTokens;
    }

    /** Returns what a runner needs to know, with a pool of so many MiB. */
    public RunnerOptions runner(int poolMib, Plan plan) {
        return new RunnerOptions(dtype, threads(), (long) poolMib << 20, segmentTokens, plan);
    }

    private static final class DTypeConverter extends EnumConverter<DTypeChoice> {
        DTypeConverter() {
            super(DTypeChoice.class);
        }
    }
}
