package dev.kvasir.engine.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Every setting, typed and checked. */
public record Settings(
        ModelSettings model,
        RunnerPlan plan,
        RunnerDevice device,
        PoolSettings pool,
        SchedulerSettings scheduler,
        HttpSettings http,
        ResponsesSettings responses,
        ClusterSettings cluster,
        BatchSettings batches,
        Path dataDir) {
    private static final long MOST_BYTES = 1L << 46;

    /** Which plan drives the layers: one call per step, one per layer, or the runner's choice. */
    public enum RunnerPlan {
        FUSED,
        LAYERED,
        AUTO
    }

    /** Where keys, values and attention are. */
    public enum RunnerDevice {
        CPU,
        CUDA,
        /** CUDA where it is. */
        AUTO
    }

    /** In what type the weights are computed. */
    public enum ModelDtype {
        AUTO,
        FLOAT32,
        BFLOAT16
    }

    /** In what form the model calls tools; AUTO for that of its chat template. */
    public enum ToolParser {
        AUTO,
        HERMES,
        LLAMA,
        MISTRAL,
        JSON
    }

    /** How a prompt's hidden states become an embedding where the request doesn't say: the last token's, or the mean of all. */
    public enum Pooling {
        LAST,
        MEAN
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
     * @param toolParser in what form the model calls tools
     * @param pooling how a prompt becomes an embedding
     */
    public record ModelSettings(
            @Nullable Path path,
            @Nullable String name,
            List<String> aliases,
            ModelDtype dtype,
            int threads,
            @Nullable Path chatTemplate,
            ToolParser toolParser,
            Pooling pooling) {
        /** Returns the number of threads of a step, the processors' where none was set. */
        public int stepThreads() {
            return threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
        }
    }

    /** Which segments a tier gives up first: the longest unused, the least often used, or those that W-TinyLFU names. */
    public enum Eviction {
        LRU,
        LFU,
        TINYLFU
    }

    /** When a segment goes to the tiers below the device: when it is sealed, when it is evicted, or when it was used often. */
    public enum WritePolicy {
        THROUGH,
        BACK,
        SELECTIVE
    }

    /** How long a request waits for segments that a lower tier has: not at all, until they are there, or for some time. */
    public enum Prefetch {
        BEST_EFFORT,
        WAIT,
        TIMEOUT
    }

    /** In what form the tiers below the device keep segments: the model's own, or int8. */
    public enum StoredDtype {
        MODEL,
        INT8
    }

    /**
     * The KV pool.
     *
     * @param deviceBytes memory of the device tier
     * @param segmentTokens tokens of a segment
     * @param hostBytes memory of the host tier, 0 for none
     * @param diskBytes size of the disk tier's file, 0 for none
     * @param diskPath that file; null for one in the data directory
     * @param eviction which segments go first, in every tier
     * @param writePolicy when a segment goes down
     * @param selectiveHits with {@link WritePolicy#SELECTIVE}: how often it must have been found
     * @param prefetch how long a request waits for what is below
     * @param prefetchMillis with {@link Prefetch#TIMEOUT}: so long at most
     * @param storedDtype in what form segments are kept below the device
     * @param tenantQuota share of each tier that one tenant may hold
     * @param sharedSalts cache salts under which all tenants share
     * @param ioThreads threads that copy between tiers
     */
    public record PoolSettings(
            long deviceBytes,
            int segmentTokens,
            long hostBytes,
            long diskBytes,
            @Nullable Path diskPath,
            Eviction eviction,
            WritePolicy writePolicy,
            int selectiveHits,
            Prefetch prefetch,
            int prefetchMillis,
            StoredDtype storedDtype,
            double tenantQuota,
            List<String> sharedSalts,
            int ioThreads) {
        public PoolSettings {
            sharedSalts = List.copyOf(sharedSalts);
            if (Integer.bitCount(segmentTokens) != 1) {
                throw new SettingsException(
                        "pool.segmentTokens must be a power of two from 16 to 512, not " + segmentTokens);
            }
        }

        private static PoolSettings of(SettingValues values) {
            return new PoolSettings(
                    values.size("pool.deviceBytes", 1, MOST_BYTES),
                    values.integer("pool.segmentTokens", 16, 512),
                    values.size("pool.hostBytes", 0, MOST_BYTES),
                    values.size("pool.diskBytes", 0, MOST_BYTES),
                    values.optionalPath("pool.diskPath"),
                    values.choice("pool.eviction", Eviction.class),
                    values.choice("pool.writePolicy", WritePolicy.class),
                    values.integer("pool.selectiveHits", 1, 1 << 20),
                    values.choice("pool.prefetch", Prefetch.class),
                    values.integer("pool.prefetchMillis", 0, 600_000),
                    values.choice("pool.storedDtype", StoredDtype.class),
                    values.share("pool.tenantQuota"),
                    values.salts("pool.sharedSalts"),
                    values.integer("pool.ioThreads", 1, 64));
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
                        values.optionalPath("model.chatTemplate"),
                        values.choice("model.toolParser", ToolParser.class),
                        values.choice("model.pooling", Pooling.class)),
                values.choice("runner.plan", RunnerPlan.class),
                values.choice("runner.device", RunnerDevice.class),
                PoolSettings.of(values),
                new SchedulerSettings(
                        values.integer("scheduler.maxStepTokens", 1, 1 << 20),
                        values.integer("scheduler.maxSequences", 1, 4096),
                        values.integer("scheduler.maxQueued", 0, 1 << 20),
                        values.integer("scheduler.prefillChunk", 1, 1 << 20)),
                HttpSettings.of(values),
                ResponsesSettings.of(values),
                ClusterSettings.of(values),
                BatchSettings.of(values),
                Objects.requireNonNullElse(values.optionalPath("data.dir"), Path.of("data")));
    }

    /** Returns the same with another port, for tests that take any. */
    public Settings withPort(int port) {
        return new Settings(
                model, plan, device, pool, scheduler, http.withPort(port), responses, cluster, batches, dataDir);
    }
}
