package dev.kvasir.benchmarks.training;

import dev.kvasir.benchmarks.training.TorchTrainer.Rates;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/**
 * How long and how fast to learn.
 *
 * @param tokens to be read in all
 * @param stepTokens read for one update
 * @param batchTokens about so many, padding included, in one pass
 * @param peakRate the learning rate after warm-up
 * @param checkpointSeconds between checkpoints
 * @param seed of everything
 */
record TrainingPlan(
        long tokens, int stepTokens, int batchTokens, double peakRate, double checkpointSeconds, long seed) {
    private static final int WARM_UP_STEPS = 60;
    private static final double DECAY_FROM = 0.6;
    private static final double FINAL_SHARE = 0.03;
    private static final double WEIGHT_DECAY = 0.05;

    TrainingPlan {
        if (tokens < 1 || stepTokens < 1 || batchTokens < 1 || !(peakRate > 0) || !(checkpointSeconds > 0)) {
            throw new IllegalArgumentException("no training: " + tokens + " tokens, " + stepTokens + " a step, "
                    + batchTokens + " a batch, rate " + peakRate + ", a checkpoint every " + checkpointSeconds + " s");
        }
    }

    /**
     * Notes in the run's directory what its examples depend on, or checks that it is the same.
     *
     * @throws IOException if the run in the directory was begun otherwise
     */
    void claim(Path directory) throws IOException {
        Path file = directory.resolve("run.properties");
        Properties properties = new Properties();
        if (Files.exists(file)) {
            try (Reader in = Files.newBufferedReader(file)) {
                properties.load(in);
            }
        }
        String seen = properties.getProperty("seed", Long.toString(seed)) + ", step-tokens "
                + properties.getProperty("step-tokens", Integer.toString(stepTokens));
        String wanted = seed + ", step-tokens " + stepTokens;
        if (!seen.equals(wanted)) {
            throw new IOException(
                    "the run in " + directory + " was begun with seed " + seen + ", not with seed " + wanted);
        }
        Files.writeString(file, "seed=%d%nstep-tokens=%d%n".formatted(seed, stepTokens));
    }

    /**
     * Returns the rates of a step: warm-up, constant, then a cosine down from 60 %. Constant for long, so that a run can be prolonged.
     *
     * @param share how much of the run is done, from 0 to 1
     * @param step counted from 1
     */
    Rates rates(double share, int step) {
        double rate = peakRate * Math.min(1, (double) step / WARM_UP_STEPS);
        if (share > DECAY_FROM) {
            double down = Math.min(1, (share - DECAY_FROM) / (1 - DECAY_FROM));
            rate *= FINAL_SHARE + (1 - FINAL_SHARE) * 0.5 * (1 + Math.cos(Math.PI * down));
        }
        return new Rates(rate, WEIGHT_DECAY);
    }
}
