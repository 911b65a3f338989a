package dev.kvasir.engine.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Every setting, typed and checked. */
public record Settings(
        ModelSettings model,
        RunnerPlan plan,
        PoolSettings pool,
        SchedulerSettings scheduler,
        HttpSettings http,
        Path dataDir) {

    /** Which plan drives the layers: one call per step, one per layer, or the runner's choice. */
    public enum RunnerPlan {
        FUSED,
        LAYERED,
        AUTO
    }

    /** In what type the weights are computed. */
    public enum ModelDtype {
        AUTO,
        FLOAT32,
        BFLOAT16
    }

    /**
     * What is served.
     *
     * @param path directory of the checkpoint; null for the model in the box
     * @param name name in the API; null for the directory's
     * @param aliases further names
     * @param dtype in what type to compute
     * @param threads threads of a step, 0 for one per processor
     * @param chatTemplate file that replaces the checkpoint's chat template
     */
    public record ModelSettings(
            @Nullable Path path,
            @Nullable String name,
            List<String> aliases,
            ModelDtype dtype,
            int threads,
            @Nullable Path chatTemplate) {
        /** Returns the number of threads of a step, the processors' where none was set. */
        public int stepThreads() {
            return threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
        }
    }

    /**
     * The KV pool.
     *
     * @param deviceBytes memory of the device tier
     * @param segmentTokens tokens of a segment
     */
    public record PoolSettings(long deviceBytes, int segmentTokens) {
        public PoolSettings {
            if (Integer.bitCount(segmentTokens) != 1) {
                throw new SettingsException(
                        "pool.segmentTokens must be a power of two from 16 to 512, not " + segmentTokens);
            }
        }
    }

    /** The scheduler's limits; meanings as in its own configuration. */
    public record SchedulerSettings(int maxStepTokens, int maxSequences, int maxQueued, int prefillChunk) {
        public SchedulerSettings {
            if (maxStepTokens < maxSequences) {
                throw new SettingsException("scheduler.maxStepTokens " + maxStepTokens
                        + " can't give each of scheduler.maxSequences " + maxSequences + " a token");
            }
        }
    }

    static Settings of(SettingValues values) {
        return new Settings(
                new ModelSettings(
                        values.optionalPath("model.path"),
                        values.optionalText("model.name"),
                        values.list("model.aliases"),
                        values.choice("model.dtype", ModelDtype.class),
                        values.integer("model.threads", 0, 1024),
                        values.optionalPath("model.chatTemplate")),
                values.choice("runner.plan", RunnerPlan.class),
                new PoolSettings(
                        values.size("pool.deviceBytes", 1, 1L << 46), values.integer("pool.segmentTokens", 16, 512)),
                new SchedulerSettings(
                        values.integer("scheduler.maxStepTokens", 1, 1 << 20),
                        values.integer("scheduler.maxSequences", 1, 4096),
                        values.integer("scheduler.maxQueued", 0, 1 << 20),
                        values.integer("scheduler.prefillChunk", 1, 1 << 20)),
                HttpSettings.of(values),
                Objects.requireNonNullElse(values.optionalPath("data.dir"), Path.of("data")));
    }

    /** Returns the same with another port, for tests that take any. */
    public Settings withPort(int port) {
        return new Settings(model, plan, pool, scheduler, http.withPort(port), dataDir);
    }
}
