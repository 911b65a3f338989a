package dev.kvasir.benchmarks.training;

import dev.kvasir.benchmarks.training.TorchTrainer.Outcome;
import dev.kvasir.benchmarks.training.corpus.Split;
import dev.kvasir.benchmarks.training.corpus.Words;
import dev.kvasir.runner.ModelConfig;
import dev.kvasir.runner.Tokenizer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * A run of training in a directory: {@code tokenizer.json}, {@code checkpoint.bin}, {@code log.csv} and {@code model/}, all of which a
 * later call with the same options goes on from. A step's conversations depend on the plan, the step's number and the tokens read so far.
 */
final class TrainingRun {
    /** Loss and exact replies of each task: {@code step,tokens,seconds,task,loss,exact,replies}. */
    static final String LOG = "log.csv";

    private static final int LOG_STEPS = 20;

    private final Path directory;
    private final TrainingPlan plan;
    private final PrintWriter out;
    private final ModelConfig config;
    private final ConversationEncoder encoder;
    private final Tokenizer tokenizer;

    TrainingRun(Path directory, TrainingPlan plan, Tokenizer tokenizer, PrintWriter out) {
        this.directory = directory;
        this.plan = plan;
        this.out = out;
        config = ModelFiles.config(tokenizer);
        this.tokenizer = tokenizer;
        encoder = new ConversationEncoder(tokenizer);
    }

    /** Trains until the plan's tokens are read, from the last checkpoint if there is one. */
    void run(int threads) throws IOException {
        runUntil(threads, plan.tokens());
    }

    /** Trains until so many of the plan's tokens are read. */
    void runUntil(int threads, long tokensRead) throws IOException {
        plan.claim(directory);
        Path checkpoint = directory.resolve("checkpoint.bin");
        TrainingState state = Files.exists(checkpoint)
                ? TrainingState.read(checkpoint, config)
                : TrainingState.initial(
                        Parameters.initial(config, spaced(tokenizer), new SplittableRandom(plan.seed())));
        out.printf(
                Locale.ROOT,
                "%,d parameters, vocabulary %d, from step %d, %,d tokens%n",
                state.parameters().stream().mapToInt(values -> values.length).sum(),
                config.vocab(),
                state.step(),
                state.tokens());
        out.flush();
        int step = state.step();
        long tokens = state.tokens();
        double seconds = state.seconds();
        forgetStepsAfter(step);
        if (step > 0) {
            // The call before may have ended between the checkpoint and the model.
            writeModel(state);
        }
        Progress progress = new Progress();
        try (TorchTrainer trainer = new TorchTrainer(config, state, threads)) {
            long saved = System.nanoTime();
            while (tokens < tokensRead) {
                long begun = System.nanoTime();
                step++;
                double share = (double) tokens / plan.tokens();
                List<Example> examples = examples(step, share);
                List<Batch> batches = Batch.split(examples, plan.batchTokens());
                double weights = 0;
                for (Batch batch : batches) {
                    for (float weight : batch.weights()) {
                        weights += weight;
                    }
                }
                for (Batch batch : batches) {
                    Outcome outcome = trainer.accumulate(batch, weights);
                    progress.add(batch, outcome);
                }
                double norm = trainer.update(plan.rates(share, step), step);
                if (!Double.isFinite(norm)) {
                    throw new IllegalStateException(
                            "step " + step + " has no finite gradient: the last checkpoint is from before it");
                }
                tokens += examples.stream()
                        .mapToLong(example -> example.tokens().length)
                        .sum();
                seconds += (System.nanoTime() - begun) / 1e9;
                if (step % LOG_STEPS == 0 || tokens >= tokensRead) {
                    log(progress, step, tokens, seconds, norm);
                }
                if ((System.nanoTime() - saved) / 1e9 > plan.checkpointSeconds() || tokens >= tokensRead) {
                    save(new TrainingState(step, tokens, seconds, trainer.state()), checkpoint);
                    saved = System.nanoTime();
                }
            }
        }
    }

    /** Returns the tokens of words without a blank before them, each with that of the word with one. */
    private static Map<Integer, Integer> spaced(Tokenizer tokenizer) {
        Map<Integer, Integer> spaced = new TreeMap<>();
        for (String word : Words.LOOKED_UP) {
            int[] bare = tokenizer.encode(word, false);
            int[] withBlank = tokenizer.encode(" " + word, false);
            if (bare.length == 1 && withBlank.length == 1) {
                spaced.put(bare[0], withBlank[0]);
            }
        }
        return spaced;
    }

    /** Drops lines of the log that a call after its last checkpoint wrote. */
    private void forgetStepsAfter(int step) throws IOException {
        Path log = directory.resolve(LOG);
        if (Files.exists(log)) {
            List<String> kept = Files.readAllLines(log).stream()
                    .filter(line ->
                            line.startsWith("step") || Integer.parseInt(line.substring(0, line.indexOf(','))) <= step)
                    .toList();
            Files.write(log, kept);
        }
    }

    private List<Example> examples(int step, double share) {
        SplittableRandom random = new SplittableRandom(plan.seed() * 1_000_003 + step);
        List<Example> examples = new ArrayList<>();
        int tokens = 0;
        while (tokens < plan.stepTokens()) {
            Example example = encoder.encode(Curriculum.pick(random, share).next(random, Split.TRAINING));
            if (example.tokens().length <= config.contextTokens()) {
                examples.add(example);
                tokens += example.tokens().length;
            }
        }
        return examples;
    }

    private void log(Progress progress, int step, long tokens, double seconds, double norm) throws IOException {
        double loss = progress.loss();
        String lines = progress.take(step + "," + tokens + "," + Math.round(seconds));
        Path log = directory.resolve(LOG);
        if (!Files.exists(log)) {
            Files.writeString(log, "step,tokens,seconds,task,loss,exact,replies\n");
        }
        Files.writeString(log, lines, StandardOpenOption.APPEND);
        out.printf(
                Locale.ROOT,
                "step %d, %,d tokens, %.0f s, loss %.4f, gradient %.3f%n%s",
                step,
                tokens,
                seconds,
                loss,
                norm,
                lines);
        out.flush();
    }

    private void save(TrainingState state, Path checkpoint) throws IOException {
        state.write(checkpoint);
        writeModel(state);
    }

    private void writeModel(TrainingState state) throws IOException {
        ModelFiles.write(directory.resolve("model"), directory, config, state.parameters());
    }
}
