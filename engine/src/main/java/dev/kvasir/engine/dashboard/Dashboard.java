package dev.kvasir.engine.dashboard;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.serving.Node;
import dev.kvasir.engine.serving.Node.Serving;
import dev.kvasir.scheduler.SchedulerStats;
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
    private @Nullable NodesView nodes;
    private long seconds;

    /**
     * Creates a dashboard that has seen nothing.
     *
     * @param epoch differs with every start of the server
     * @param mostQueued requests that may wait
     * @param version of this server
     */
    public Dashboard(
            Node node,
            Traces traces,
            TenantHits tenants,
            LongSupplier nanoTime,
            String epoch,
            int mostQueued,
            String version) {
        this.node = node;
        this.traces = traces;
        this.tenants = tenants;
        this.nanoTime = nanoTime;
        this.version = version;
        problems = new Problems(mostQueued);
        clients = new Feed(epoch + 'c', this::past);
        admins = new Feed(epoch + 'a', this::past);
    }

    /** Shows the nodes of a cluster, too. */
    public synchronized void show(NodesView view) {
        nodes = view;
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
        admins.publish(all);
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
