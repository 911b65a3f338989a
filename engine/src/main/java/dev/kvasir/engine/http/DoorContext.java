package dev.kvasir.engine.http;

import dev.kvasir.engine.batch.BatchService;
import dev.kvasir.engine.config.HttpSettings;
import dev.kvasir.engine.config.Keys;
import dev.kvasir.engine.config.SettingsException;
import dev.kvasir.engine.dashboard.Dashboard;
import dev.kvasir.engine.metrics.Metrics;
import dev.kvasir.engine.openai.PromptEncoder;
import dev.kvasir.engine.responses.ResponseStore;
import dev.kvasir.engine.serving.Node;
import dev.kvasir.engine.serving.Node.Serving;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SegmentIdentity;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** What all event loops of the door share. Thread-safe. */
public final class DoorContext {
    /** Request bodies of the longest kind that may be read at once. */
    private static final int BODIES_AT_ONCE = 16;

    final HttpSettings settings;
    final Node node;
    final Metrics metrics;
    final Dashboard dashboard;
    final Access access;
    final KeyBudgets budgets;
    final Cors cors;
    final @Nullable TlsFiles tls;
    private final FileWatch keyFiles;
    final BodyBudget bodies;
    final Runnable onDrainRequest;
    final ResponseStore responses;
    final Buffer openApi = OpenApi.bytes();
    final AtomicInteger connections = new AtomicInteger();
    private int exchanges; // guarded by this
    private volatile @Nullable Ready ready;
    private volatile Keys keys = new Keys(List.of(), List.of());
    private volatile List<String> routes = List.of();
    private volatile @Nullable BatchService batches;

    /** A served model with what the door needs of it. */
    record Ready(Serving serving, PromptEncoder encoder) {}

    /**
     * Creates the context; reads the files that it needs.
     *
     * @param responses what was answered and can be asked for again
     * @param onDrainRequest is told when an administrator asks this server to drain and end; returns at once
     * @throws SettingsException if a file is no good
     */
    public DoorContext(
            HttpSettings settings,
            Node node,
            Metrics metrics,
            Dashboard dashboard,
            ResponseStore responses,
            Runnable onDrainRequest) {
        this.settings = settings;
        this.node = node;
        this.metrics = metrics;
        this.dashboard = dashboard;
        this.responses = responses;
        this.budgets = new KeyBudgets(
                settings.limits(),
                System::nanoTime,
                limit -> metrics.limited(limit.name().toLowerCase(Locale.ROOT)));
        this.cors = new Cors(settings.origins());
        this.tls = settings.tls() == null ? null : new TlsFiles(settings.tls(), metrics::reloaded);
        this.keyFiles = new FileWatch("keys", settings.keys()::read, this::take, metrics::reloaded);
        this.access = new Access(settings, () -> keys);
        this.bodies = new BodyBudget((long) BODIES_AT_ONCE * settings.maxBodyBytes());
        this.onDrainRequest = onDrainRequest;
    }

    /** Takes what has changed of the files that it was made of; reads them, and is to be called again and again. */
    public void lookAtFiles() {
        keyFiles.look();
        if (tls != null) {
            tls.look();
        }
    }

    private void take(List<byte[]> keyFileContents) {
        Keys now = settings.keys().parse(keyFileContents);
        keys = now;
        budgets.keep(now);
    }

    /** Makes the door ready for a model; takes a moment. To be called before the node is made ready. */
    public void ready(Serving serving) {
        ready = new Ready(
                serving,
                new PromptEncoder(
                        serving.model(), serving.guard(), serving.scheduler().maxTokens()));
    }

    @Nullable
    Ready ready() {
        return ready;
    }

    /** Returns where the identity chain of a tenant's segments starts, and notes for the pages whose it is. */
    SegmentId rootFor(Ready to, Tenant tenant, @Nullable String cacheSalt) {
        SegmentId root = to.serving().roots().rootFor(tenant.id(), cacheSalt);
        dashboard.tenants().name(SegmentIdentity.tenantAlias(root), tenant.shown());
        return root;
    }

    /** Has files and batches kept here. To be called before anybody listens. */
    public void batches(BatchService service) {
        batches = service;
    }

    @Nullable
    BatchService batches() {
        return batches;
    }

    void routes(List<String> names) {
        routes = List.copyOf(names);
    }

    /** Returns every route with its method: {@code "GET /v1/models/{model}"}. */
    public List<String> routes() {
        return routes;
    }

    synchronized void enter() {
        exchanges++;
    }

    synchronized void leave() {
        exchanges--;
        notifyAll();
    }

    /** Returns how many requests are being answered. */
    public synchronized int exchanges() {
        return exchanges;
    }

    /**
     * Waits until no request is being answered.
     *
     * @return whether that is so
     */
    public synchronized boolean awaitQuiet(long millis) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        while (exchanges > 0) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return true;
    }

    /** Returns how many bytes of bodies are kept. */
    public long bodyBytes() {
        return bodies.taken();
    }

    /** Returns how many connections are open. */
    public int connections() {
        return connections.get();
    }
}
