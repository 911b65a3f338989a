package dev.kvasir.engine.dashboard;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.config.EffectiveSetting;
import dev.kvasir.engine.serving.Node;
import dev.kvasir.engine.serving.Node.Serving;
import dev.kvasir.pool.ReuseDistances;
import dev.kvasir.scheduler.SchedulerStats;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What this node shows to whoever opens its pages: numbers for clients, all of it for administrators. {@link #tick} is for one thread; the rest is
 * thread-safe.
 */
public final class Dashboard {
    private static final int MINUTE = 60;
    private static final double[] WHAT_IF = {0.125, 0.25, 0.5, 1, 2, 4, 8};

    private final Node node;
    private final Traces traces;
    private final TenantHits tenants;
    private final LongSupplier nanoTime;
    private final String version;
    private final Overview overview = new Overview();
    private final History history = new History();
    private final Problems problems;
    private final Feed clients;
    private final Feed admins;
    private final List<EffectiveSetting> settings;
    private final PoolPictures pictures;
    private @Nullable NodesView nodes;
    private @Nullable ReuseDistances reuse;
    private long seconds;

    /**
     * Creates a dashboard that has seen nothing.
     *
     * @param epoch differs with every start of the server
     * @param mostQueued requests that may wait
     * @param version of this server
     * @param settings as they are
     */
    public Dashboard(
            Node node,
            Traces traces,
            TenantHits tenants,
            LongSupplier nanoTime,
            String epoch,
            int mostQueued,
            String version,
            List<EffectiveSetting> settings) {
        this.node = node;
        this.traces = traces;
        this.tenants = tenants;
        this.nanoTime = nanoTime;
        this.version = version;
        this.settings = List.copyOf(settings);
        this.pictures = new PoolPictures(node, nanoTime);
        problems = new Problems(mostQueued);
        clients = new Feed(epoch + 'c', this::past);
        admins = new Feed(epoch + 'a', this::past);
    }

    /** Shows the nodes of a cluster, too. */
    public synchronized void show(NodesView view) {
        nodes = view;
    }

    /** Shows what pools of other sizes would find, too. */
    public synchronized void show(ReuseDistances distances) {
        reuse = distances;
    }

    /** Looks at everything and tells who follows; to be called once a second. */
    public synchronized void tick() {
        Serving serving = node.serving();
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        document.put("second", seconds);
        document.set("server", server(serving));
        if (serving != null) {
            SchedulerStats stats = serving.scheduler().stats();
            serving.metrics().latencies().tick();
            overview.tick(nanoTime.getAsLong(), stats, serving.metrics().latencies());
            history.add(overview::value);
            problems.look(node.phase(), stats, traces.refused());
            document.set("overview", overview.json());
        }
        if (++seconds % MINUTE == 0) {
            tenants.nextMinute();
        }
        ObjectNode all = document.deepCopy();
        NodesView view = nodes;
        if (view != null) {
            all.set("nodes", view.json(problems));
        }
        document.set("problems", problems.json());
        clients.publish(document);
        all.set("problems", problems.json());
        all.set("tiers", overview.tiers());
        all.set("requests", traces.rows());
        all.set("tenants", tenants.json());
        ReuseDistances distances = reuse;
        if (distances != null && serving != null) {
            all.set(
                    "whatIf",
                    whatIf(distances, serving.scheduler().stats().pool().slots()));
        }
        admins.publish(all);
    }

    /** Hit rates of pools of other sizes, by how many times as large they are. */
    private static ObjectNode whatIf(ReuseDistances distances, int slots) {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("distinct", distances.distinct());
        ArrayNode rates = json.putArray("rates");
        for (double factor : WHAT_IF) {
            double rate = distances.hitRate(Math.round(slots * factor));
            rates.addArray().add(Numbers.of(factor)).add(Double.isNaN(rate) ? Numbers.of(-1) : Numbers.of(rate));
        }
        return json;
    }

    /** Returns the settings, with who says so. */
    public ObjectNode settings() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ArrayNode list = json.putArray("settings");
        settings.forEach(setting -> list.addObject()
                .put("key", setting.key())
                .put("value", setting.value())
                .put("source", setting.source()));
        return json;
    }

    /** Returns pictures of the pool. */
    public PoolPictures pictures() {
        return pictures;
    }

    private ObjectNode server(@Nullable Serving serving) {
        ObjectNode server = JsonNodeFactory.instance
                .objectNode()
                .put("phase", node.phase().name().toLowerCase(Locale.ROOT))
                .put("started", node.createdSeconds())
                .put("version", version);
        if (serving != null) {
            server.put("model", serving.model().name())
                    .put("context", serving.scheduler().maxTokens())
                    .put("tools", serving.model().style().offersTools());
        }
        return server;
    }

    private ObjectNode past() {
        return history.json();
    }

    /** Returns the traces of requests. */
    public Traces traces() {
        return traces;
    }

    /** Returns what is known of tenants. */
    public TenantHits tenants() {
        return tenants;
    }

    /**
     * Follows the feed: see {@link Feed#follow}.
     *
     * @param admin whether all is to be shown
     */
    public Runnable follow(boolean admin, @Nullable String lastEventId, Consumer<byte[]> events, Runnable onEnd) {
        return (admin ? admins : clients).follow(lastEventId, events, onEnd);
    }

    /** Returns an event with all that a reader lacks that has lost track. */
    public byte[] whole(boolean admin) {
        return (admin ? admins : clients).whole();
    }

    /** Returns how many follow. */
    public int followers() {
        return clients.followers() + admins.followers();
    }

    /** Ends every feed. */
    public void close() {
        clients.close();
        admins.close();
    }
}
