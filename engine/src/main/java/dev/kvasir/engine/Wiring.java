package dev.kvasir.engine;

import dev.kvasir.engine.cluster.ClusterMetrics;
import dev.kvasir.engine.config.ClusterSecret;
import dev.kvasir.engine.config.ClusterSettings;
import dev.kvasir.engine.config.Settings;
import dev.kvasir.engine.config.SettingsException;
import dev.kvasir.engine.dashboard.NodesView;
import dev.kvasir.engine.metrics.PoolWatch;
import dev.kvasir.engine.metrics.ServingMetrics;
import dev.kvasir.engine.routing.RoutedScheduler;
import dev.kvasir.engine.routing.RoutingMetrics;
import dev.kvasir.engine.serving.CacheRoots;
import dev.kvasir.engine.serving.ContentGuard;
import dev.kvasir.engine.serving.ModelFacts;
import dev.kvasir.engine.serving.Node.Serving;
import dev.kvasir.engine.serving.ServedModel;
import dev.kvasir.pool.PrefillGroups;
import dev.kvasir.pool.ReuseDistances;
import dev.kvasir.pool.cluster.ClusterPoolStats;
import dev.kvasir.pool.reuse.SampledReuseDistances;
import dev.kvasir.pool.tenant.NodeSecret;
import dev.kvasir.pool.tenant.TenantSalts;
import dev.kvasir.runner.Guides;
import dev.kvasir.runner.ModelRunner;
import dev.kvasir.runner.Tokenizer;
import dev.kvasir.runner.guided.GuideCompiler;
import dev.kvasir.runner.tokenizer.ControlText;
import dev.kvasir.scheduler.PrefetchConfig;
import dev.kvasir.scheduler.RequestEvents;
import dev.kvasir.scheduler.Scheduler;
import dev.kvasir.scheduler.SchedulerConfig;
import dev.kvasir.scheduler.batching.ContinuousScheduler;
import dev.kvasir.scheduler.elastic.NodeChoice;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which implementation stands behind which contract. Nothing else in the engine sees another module's sub-packages. */
final class Wiring {
    private static final Logger log = LoggerFactory.getLogger(Wiring.class);
    private static final String SECRET_FILE = "node-secret";
    private static final int REUSE_SAMPLES = 8192;

    private Wiring() {}

    /** Loads the model that the settings name, or the one in the box if they name none. */
    static ServedModel load(Settings settings) {
        Path directory = settings.model().path();
        if (directory == null) {
            directory = ModelInTheBox.under(home())
                    .orElseThrow(
                            () -> new SettingsException("no model was named: give --model DIR, or set model.path"));
        }
        return new ModelLoader(settings).load(directory, home().resolve(settings.dataDir()));
    }

    /**
     * What serves a model, and what ends with it.
     *
     * @param handedOver whether, with this node draining, no segment would be lost that another node could have
     * @param close to be called on the step thread after the last step
     * @param nodes the cluster's, null on a single node
     */
    record Wired(
            Serving serving,
            BooleanSupplier handedOver,
            Closeable close,
            @Nullable NodesView nodes) {}

    /**
     * Puts pool and scheduler before a model.
     *
     * @param cluster what this node is one of, null on a single node
     * @param events told of what becomes of requests
     * @param draining whether this node is about to leave
     * @param wake says, on any thread, that the step thread has something to do
     * @param onFenced runs, on any thread, if this node can't go on in the cluster
     */
    static Wired serving(
            Settings settings,
            ServedModel model,
            MeterRegistry registry,
            @Nullable ClusterRuntime cluster,
            RequestEvents events,
            BooleanSupplier draining,
            Runnable wake,
            Runnable onFenced) {
        PoolWiring wiring = new PoolWiring(settings.pool(), home().resolve(settings.dataDir()));
        ModelFacts facts = model.facts();
        String form = wiring.form(facts.layout());
        String identity = identity(facts, form);
        Guides guides = new GuideCompiler(model.tokenizer(), System::nanoTime);
        if (cluster != null && cluster.isFrontend()) {
            RoutedScheduler routed = cluster.routeAway(settings, facts, identity, guides, wake, onFenced);
            ClusterMetrics.bind(registry, cluster.node());
            // Nothing is to be handed over, and the scheduler ends all that there is.
            return new Wired(
                    serving(settings, model, registry, routed, guides, form),
                    () -> true,
                    () -> {},
                    cluster.view(routed, routed::stats, Map::of, () -> ClusterPoolStats.NONE));
        }
        ModelRunner runner = model.runner();
        PoolWiring.Pool own = wiring.create(
                runner.kvLayout(),
                cluster == null ? 0 : cluster.number(),
                runner.kvStorage(),
                identity,
                wake,
                new PoolWatch(registry, model.name()));
        AtomicReference<Scheduler> scheduled = new AtomicReference<>();
        ClusterPool shared = cluster == null
                ? null
                : new ClusterPool(
                        cluster,
                        own,
                        runner,
                        identity,
                        settings.scheduler().prefillChunk(),
                        shareTokens(settings),
                        load(scheduled, draining),
                        wake,
                        onFenced);
        SchedulerConfig limits = new SchedulerConfig(
                settings.scheduler().maxStepTokens(),
                settings.scheduler().maxSequences(),
                settings.scheduler().maxQueued(),
                settings.scheduler().prefillChunk(),
                facts.config().contextTokens(),
                new PrefetchConfig(
                        PrefetchConfig.Patience.valueOf(
                                settings.pool().prefetch().name()),
                        TimeUnit.MILLISECONDS.toNanos(settings.pool().prefetchMillis())));
        Scheduler scheduler = new ContinuousScheduler(
                limits,
                runner,
                shared == null ? own.pool() : shared.pool(),
                shared == null ? PrefillGroups.NONE : shared.groups(),
                shared == null ? NodeChoice.ALONE : shared.choice(),
                System::nanoTime,
                e -> log.error("a step or a token's delivery failed", e),
                events);
        scheduled.set(scheduler);
        if (shared != null) {
            shared.register(registry, model.name());
        }
        RoutedScheduler routed = cluster == null ? null : cluster.route(settings, facts, scheduler, guides, wake);
        Serving serving = serving(settings, model, registry, routed == null ? scheduler : routed, guides, form);
        NodesView nodes = cluster == null || routed == null || shared == null
                ? null
                : cluster.view(routed, scheduler::stats, shared::traffic, shared::stats);
        return new Wired(
                serving,
                () -> shared == null || shared.isHandedOver(),
                () -> {
                    if (shared != null) {
                        shared.close();
                    }
                    own.close().close();
                },
                nodes);
    }

    /** Returns what learns from prompts what a pool of another size would find. */
    static ReuseDistances reuse(ModelFacts model) {
        return new SampledReuseDistances(model.layout().segmentTokens(), REUSE_SAMPLES);
    }

    private static Serving serving(
            Settings settings,
            ServedModel model,
            MeterRegistry registry,
            Scheduler scheduler,
            Guides guides,
            String form) {
        if (scheduler instanceof RoutedScheduler routed) {
            RoutingMetrics.bind(registry, routed);
        }
        ServingMetrics metrics = new ServingMetrics(registry, model.name(), scheduler::stats);
        return new Serving(
                model,
                scheduler,
                roots(settings, model.facts(), form),
                guard(model.tokenizer()),
                guides,
                metrics,
                System::nanoTime);
    }

    /** Returns how many tokens of a step may be shares of prompts that several nodes compute: as a chunk of its own prompts, and decodes have room beside them. */
    private static int shareTokens(Settings settings) {
        return Math.min(
                settings.scheduler().prefillChunk(),
                settings.scheduler().maxStepTokens() - settings.scheduler().maxSequences());
    }

    /** The scheduler comes after the pool. */
    private static ClusterPool.Load load(AtomicReference<Scheduler> scheduler, BooleanSupplier draining) {
        return new ClusterPool.Load() {
            @Override
            public int running() {
                Scheduler now = scheduler.get();
                return now == null ? 0 : now.stats().running();
            }

            @Override
            public int waiting() {
                Scheduler now = scheduler.get();
                return now == null ? 0 : now.stats().waiting();
            }

            @Override
            public boolean isDraining() {
                return draining.getAsBoolean();
            }
        };
    }

    /** Returns what must be equal for stored keys and values to be of use. Tenants' secrets are in the segments' identities. */
    private static String identity(ModelFacts model, String form) {
        return HexFormat.of().formatHex(model.fingerprint())
                + ' '
                + model.layout()
                + ' '
                + form
                + ' '
                + model.config().rope().canonical();
    }

    private static ContentGuard guard(Tokenizer tokenizer) {
        ControlText control = ControlText.of(tokenizer);
        ControlText ownWords = ControlText.ofReplies(tokenizer);
        return new ContentGuard() {
            @Override
            public char chooseMarker(Collection<String> contents) {
                return ControlText.chooseMarker(contents);
            }

            @Override
            public String protect(String content, char marker) {
                return control.protect(content, marker);
            }

            @Override
            public String protectReply(String reply, char marker) {
                return ownWords.protect(reply, marker);
            }
        };
    }

    private static CacheRoots roots(Settings settings, ModelFacts model, String form) {
        return new TenantRoots(
                model,
                form,
                new TenantSalts(secret(settings).saltSecret()),
                settings.pool().sharedSalts());
    }

    /**
     * Returns what tenants' caches are keyed by, and what nodes of a cluster know each other by: the cluster's secret if this is one of several nodes
     * and it was given one, else that in the data directory.
     */
    static ClusterSecret secret(Settings settings) {
        ClusterSettings cluster = settings.cluster();
        if (cluster.enabled() && cluster.secret() != null) {
            return cluster.secret();
        }
        if (cluster.enabled() && cluster.secretFile() != null) {
            return ClusterSecret.read(cluster.secretFile());
        }
        try {
            Path file = home().resolve(settings.dataDir()).resolve(SECRET_FILE);
            return ClusterSecret.of(NodeSecret.loadOrCreate(file, new SecureRandom()));
        } catch (IOException e) {
            throw new SettingsException("data.dir can't be used: " + e.getMessage());
        }
    }

    /** Returns Kvasir's folder: what the start script says, else the working directory. */
    static Path home() {
        return Path.of(Objects.requireNonNullElse(System.getProperty("kvasir.home"), ""));
    }
}
