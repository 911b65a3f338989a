package dev.kvasir.benchmarks.training;

import dev.kvasir.engine.Subcommand;
import dev.kvasir.runner.Tokenizer;
import dev.kvasir.runner.tokenizer.HfTokenizer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code kvasir train}: trains kvasir-mini. */
@Command(
        name = "train",
        description =
                "Trains kvasir-mini on its synthetic corpus. Called again with the same folder it goes on from the"
                        + " last checkpoint.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class TrainCommand implements Subcommand {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            required = true,
            description = "Folder of the run: tokenizer, checkpoint, log with its picture, and the model in DIR/model.")
    @SuppressWarnings("NullAway.Init") // required
    private Path directory;

    @Option(
            names = "--tokens",
            paramLabel = "N",
            defaultValue = "23000000",
            description = "Tokens to read in all (default: ${DEFAULT-VALUE}).")
    private long tokens;

    @Option(
            names = "--step-tokens",
            paramLabel = "N",
            defaultValue = "3500",
            description = "Tokens to read for an update (default: ${DEFAULT-VALUE}).")
    private int stepTokens;

    @Option(
            names = "--batch-tokens",
            paramLabel = "N",
            defaultValue = "3500",
            description = "Tokens in one pass, padding included (default: ${DEFAULT-VALUE}).")
    private int batchTokens;

    @Option(
            names = "--rate",
            paramLabel = "X",
            defaultValue = "0.003",
            description = "Peak learning rate (default: ${DEFAULT-VALUE}).")
    private double rate;

    @Option(
            names = "--checkpoint-seconds",
            paramLabel = "N",
            defaultValue = "180",
            description = "Time between checkpoints (default: ${DEFAULT-VALUE}).")
    private double checkpointSeconds;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "2",
            description = "Threads of PyTorch (default: ${DEFAULT-VALUE}).")
    private int threads;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Seed (default: ${DEFAULT-VALUE}).")
    private long seed;

    private TrainingPlan plan() {
        try {
            if (threads < 1) {
                throw new IllegalArgumentException("--threads must be positive, not " + threads);
            }
            return new TrainingPlan(tokens, stepTokens, batchTokens, rate, checkpointSeconds, seed);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public Integer call() throws IOException {
        TrainingPlan plan = plan();
        PrintWriter out = spec.commandLine().getOut();
        Files.createDirectories(directory);
        if (!Files.exists(directory.resolve("tokenizer.json"))) {
            TokenizerLearner.write(directory, seed);
        }
        try (Tokenizer tokenizer = HfTokenizer.load(directory)) {
            new TrainingRun(directory, plan, tokenizer, out).run(threads);
        }
        LossChart.write(directory.resolve(TrainingRun.LOG), directory.resolve("loss.png"));
        return 0;
    }
}
