package dev.kvasir.engine;

import dev.kvasir.engine.batch.BatchLimits;
import dev.kvasir.engine.batch.BatchService;
import dev.kvasir.engine.cluster.ClusterNode;
import dev.kvasir.engine.config.BatchSettings;
import dev.kvasir.engine.config.EffectiveSetting;
import dev.kvasir.engine.config.ResponsesSettings;
import dev.kvasir.engine.config.Settings;
import dev.kvasir.engine.config.SettingsException;
import dev.kvasir.engine.dashboard.Dashboard;
import dev.kvasir.engine.dashboard.DashboardVerticle;
import dev.kvasir.engine.dashboard.TenantHits;
import dev.kvasir.engine.dashboard.Traces;
import dev.kvasir.engine.http.BatchAnswers;
import dev.kvasir.engine.http.DoorContext;
import dev.kvasir.engine.http.HttpVerticle;
import dev.kvasir.engine.metrics.Metrics;
import dev.kvasir.engine.responses.ResponseStore;
import dev.kvasir.engine.serving.Node;
import dev.kvasir.engine.serving.ServedModel;
import dev.kvasir.engine.serving.StepThread;
import dev.kvasir.pool.ReuseDistances;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running server. It listens as soon as it starts, says 503 while the model loads, and serves then. {@link #close} drains: new
 * requests are refused, running ones may end for {@code http.drainSeconds}, the rest is cancelled.
 */
public final class Server implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Server.class);

    private static final int EVENT_LOOPS = Math.min(2, Runtime.getRuntime().availableProcessors());
    /** Long prompts are tokenised on these; as many as could ever run beside a step. */
    private static final int WORKERS = 2;
    /** Cancelled requests get so long to be told. */
    private static final long FAREWELL_MILLIS = 2000;

    private static final long STOP_SECONDS = 90;
    /** A change of a file is taken at the second look that finds it. */
    private static final long LOOK_MILLIS = 2000;

    /** Other nodes get so long to take segments of one that leaves. */
    private static final long HAND_OVER_MILLIS = 10_000;

    private static final long HAND_OVER_LOOK_MILLIS = 50;

    private final Settings settings;
    private final @Nullable ClusterRuntime cluster;
    private final Vertx vertx;
    private final Metrics metrics = new Metrics();
    private final TenantHits tenants = new TenantHits();
    private final Traces traces = new Traces(System::currentTimeMillis, System::nanoTime, tenants);
    private final Node node = new Node(System.currentTimeMillis() / 1000, traces);
    private final Dashboard dashboard;
    private final DoorContext door;
    private final List<HttpVerticle> doors = new ArrayList<>();
    private final CountDownLatch drainRequest = new CountDownLatch(1);
    private volatile BooleanSupplier handedOver = () -> true; // nothing is held yet
    private volatile @Nullable BatchService batches;
    private String stepDeployment = "";
    private boolean closed;

    /** Creates a server that doesn't know where its settings are from. */
    public Server(Settings settings) {
        this(settings, List.of());
    }

    /**
     * Creates a server.
     *
     * @param effective the same settings, as its pages show them
     */
    public Server(Settings settings, List<EffectiveSetting> effective) {
        this.settings = settings;
        this.dashboard = new Dashboard(
                node,
                traces,
                tenants,
                System::nanoTime,
                Long.toHexString(System.currentTimeMillis()),
                settings.scheduler().maxQueued(),
                version(),
                effective);
        this.door = new DoorContext(
                settings.http(), node, metrics, dashboard, responses(settings.responses()), drainRequest::countDown);
        VertxOptions options = new VertxOptions()
                .setEventLoopPoolSize(EVENT_LOOPS)
                .setWorkerPoolSize(WORKERS)
                .setInternalBlockingPoolSize(WORKERS);
        cluster = settings.cluster().enabled()
                ? ClusterRuntime.join(settings, options, Wiring.home().resolve("conf"))
                : null;
        vertx = cluster == null ? Vertx.vertx(options) : cluster.vertx();
    }

    private static ResponseStore responses(ResponsesSettings settings) {
        return new ResponseStore(
                new ResponseStore.Limits(settings.maxStored(), settings.maxBytes(), settings.keepSeconds()),
                System::nanoTime);
    }

    /**
     * Listens, loads and serves; returns when the model is ready.
     *
     * @param load gives the model; runs on this thread
     * @throws SettingsException if the address can't be bound
     * @throws RuntimeException that {@code load} throws
     */
    public void start(Function<Settings, ServedModel> load) {
        BatchService files = openBatches();
        listen();
        vertx.setPeriodic(LOOK_MILLIS, timer -> vertx.executeBlocking(
                        () -> {
                            door.lookAtFiles();
                            return true;
                        },
                        false)
                .onFailure(e -> log.error("looking at files failed", e)));
        long started = System.nanoTime();
        ServedModel model = load.apply(settings);
        Wiring.Wired wired;
        try {
            wired = Wiring.serving(
                    settings,
                    model,
                    metrics.registry(),
                    cluster,
                    traces,
                    () -> node.phase() == Node.Phase.DRAINING,
                    node::wake,
                    node::fail);
        } catch (RuntimeException e) {
            model.unload();
            throw e;
        }
        Node.Serving serving = wired.serving();
        if (wired.nodes() != null) {
            dashboard.show(wired.nodes());
        }
        ReuseDistances reuse = Wiring.reuse(model.facts());
        dashboard.show(reuse);
        traces.learn(reuse);
        handedOver = wired.handedOver();
        StepThread steps = new StepThread(
                serving.scheduler(),
                () -> {
                    close(wired.close());
                    model.unload();
                    model.tokenizer().close();
                },
                e -> node.fail());
        door.ready(serving);
        synchronized (this) {
            stepDeployment = await(vertx.deployVerticle(new SchedulerVerticle(steps)));
        }
        node.serve(serving, steps);
        if (files != null) {
            files.batches().start(new BatchAnswers(door));
        }
        log.atInfo()
                .addKeyValue("model", model.name())
                .addKeyValue("context", serving.scheduler().maxTokens())
                .addKeyValue("slots", serving.scheduler().stats().pool().slots())
                .addKeyValue("ms", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started))
                .log("ready");
    }

    private @Nullable BatchService openBatches() {
        BatchSettings own = settings.batches();
        Path home = Wiring.home();
        Path directory =
                own.dir() == null ? home.resolve(settings.dataDir()).resolve("batches") : home.resolve(own.dir());
        BatchLimits limits = new BatchLimits(
                own.maxFileBytes(),
                own.tenantBytes(),
                own.tenantFiles(),
                own.maxLines(),
                settings.http().maxBodyBytes(),
                own.tenantOpen(),
                own.inFlight());
        BatchService opened = BatchService.open(directory, limits, () -> System.currentTimeMillis() / 1000)
                .orElse(null);
        if (opened != null) {
            door.batches(opened);
        }
        batches = opened;
        return opened;
    }

    private void listen() {
        try {
            await(vertx.deployVerticle(
                    () -> {
                        HttpVerticle verticle = new HttpVerticle(door);
                        doors.add(verticle);
                        return verticle;
                    },
                    new DeploymentOptions().setInstances(EVENT_LOOPS)));
            await(vertx.deployVerticle(new DashboardVerticle(dashboard)));
        } catch (IllegalStateException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new SettingsException("can't listen on " + settings.http().host() + ":"
                    + settings.http().port() + ": " + cause.getMessage());
        }
    }

    private static String version() {
        return Objects.requireNonNullElse(Server.class.getPackage().getImplementationVersion(), "unpackaged");
    }

    /** Returns the port that is listened on. */
    public int port() {
        return doors.get(0).port();
    }

    /** Returns the URL of the server. */
    public String address() {
        String host = settings.http().host();
        String scheme = settings.http().tls() == null ? "http://" : "https://";
        return scheme + (host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host) + ":" + port();
    }

    /** Returns the node, for who looks from inside. */
    public Node node() {
        return node;
    }

    /** Returns the HTTP door's state, for who looks from inside. */
    public DoorContext door() {
        return door;
    }

    /** Returns its place in the cluster, for who looks from inside; null on a single node. */
    @Nullable
    ClusterNode clusterNode() {
        return cluster == null ? null : cluster.node();
    }

    /** Waits until an administrator asks for the end. */
    void awaitDrainRequest() throws InterruptedException {
        drainRequest.await();
    }

    /** Drains and ends; waits until that is done. May be called again. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        drainRequest.countDown();
        node.drain();
        dashboard.close(); // or whoever looks on would be waited for
        BatchService opened = batches;
        if (opened != null) {
            opened.close(); // what it has under way is answered after the next start
        }
        try {
            boolean quiet =
                    door.awaitQuiet(TimeUnit.SECONDS.toMillis(settings.http().drainSeconds()));
            if (!quiet) {
                log.atWarn().addKeyValue("requests", door.exchanges()).log("cancelling what still runs");
            }
            handOver();
            if (!stepDeployment.isEmpty()) {
                await(vertx.undeploy(stepDeployment)); // ends every request that still lives
            }
            door.awaitQuiet(FAREWELL_MILLIS);
            if (cluster == null) {
                await(vertx.close());
            } else {
                cluster.leave();
            }
            metrics.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            log.warn("the server didn't end in order", e);
        }
        if (!stepDeployment.isEmpty()) {
            log.info("ended");
        }
    }

    /** Gives other nodes some time to take what this one alone holds. */
    private void handOver() {
        long begun = System.nanoTime();
        while (!handedOver.getAsBoolean()
                && System.nanoTime() - begun < TimeUnit.MILLISECONDS.toNanos(HAND_OVER_MILLIS)) {
            LockSupport.parkNanos(this, TimeUnit.MILLISECONDS.toNanos(HAND_OVER_LOOK_MILLIS));
        }
    }

    private static void close(Closeable pool) {
        try {
            pool.close();
        } catch (IOException | RuntimeException e) {
            log.warn("the pool didn't end in order; the next start may find less in its file", e);
        }
    }

    private static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(STOP_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (java.util.concurrent.TimeoutException e) {
            throw new IllegalStateException("not done within " + STOP_SECONDS + " s", e);
        }
    }
}
