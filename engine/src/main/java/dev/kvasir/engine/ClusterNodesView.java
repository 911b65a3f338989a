package dev.kvasir.engine;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.cluster.ClusterNode;
import dev.kvasir.engine.cluster.Departure;
import dev.kvasir.engine.cluster.PeerReport;
import dev.kvasir.engine.config.ClusterSettings.Role;
import dev.kvasir.engine.dashboard.NodesView;
import dev.kvasir.engine.dashboard.Problems;
import dev.kvasir.engine.routing.RoutingCounters;
import dev.kvasir.engine.routing.RoutingCounters.Count;
import dev.kvasir.engine.wire.Traffic;
import dev.kvasir.pool.NodeStatus;
import dev.kvasir.pool.Wire.Channel;
import dev.kvasir.pool.cluster.ClusterPoolStats;
import dev.kvasir.scheduler.SchedulerStats;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The nodes as this one sees them: how they are, what goes over the links, and what became of what a node held that went. */
final class ClusterNodesView implements NodesView {
    /** What happens within so many seconds of a node's end is put down to it. */
    private static final int AFTERMATH_SECONDS = 30;

    private static final int MOST_DEPARTURES = 8;

    private final ClusterNode node;
    private final Role role;
    private final Supplier<SchedulerStats> own;
    private final RoutingCounters routing;
    private final Supplier<Map<Integer, Traffic>> traffic;
    private final Supplier<ClusterPoolStats> pool;
    private Map<Integer, Traffic> lastTraffic = new HashMap<>();
    private final Deque<Aftermath> gone = new ArrayDeque<>(); // the latest first
    private long lastDeparture;
    private long second;

    /** What was counted here when a node went, and since. */
    private static final class Aftermath {
        final Departure departure;
        final long atMillis;
        final long untilSecond;
        final long resumes;
        final long sent;
        final long lost;
        long resumed;
        long moved;
        long lostInUse;

        Aftermath(Departure departure, long untilSecond, long resumes, ClusterPoolStats stats) {
            this.departure = departure;
            this.atMillis = System.currentTimeMillis();
            this.untilSecond = untilSecond;
            this.resumes = resumes;
            this.sent = stats.sent();
            this.lost = stats.lost();
        }
    }

    /**
     * Creates the view.
     *
     * @param own how this node's scheduler is
     * @param traffic bytes from and to each other node
     * @param pool what this node has had to do with others' segments
     */
    ClusterNodesView(
            ClusterNode node,
            Role role,
            Supplier<SchedulerStats> own,
            RoutingCounters routing,
            Supplier<Map<Integer, Traffic>> traffic,
            Supplier<ClusterPoolStats> pool) {
        this.node = node;
        this.role = role;
        this.own = own;
        this.routing = routing;
        this.traffic = traffic;
        this.pool = pool;
    }

    @Override
    public ObjectNode json(Problems problems) {
        second++;
        long now = System.nanoTime();
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("self", node.number()).put("oldest", node.isOldest());
        ObjectNode nodes = json.putObject("nodes");
        SchedulerStats stats = own.get();
        put(
                nodes.putObject(String.valueOf(node.number())),
                role.name(),
                stats.running(),
                stats.waiting(),
                stats.pool().slots(),
                stats.pool().free());
        Map<Integer, Traffic> bytes = traffic.get();
        for (PeerReport report : node.reports()) {
            NodeStatus status = report.status();
            int number = report.peer().node();
            problems.nodeBack(number);
            ObjectNode peer = nodes.putObject(String.valueOf(number));
            put(
                    peer,
                    report.peer().role().name(),
                    status.running(),
                    status.waiting(),
                    status.slots(),
                    status.freeSlots());
            peer.put("held", report.held())
                    .put("silent", Math.round((now - report.heardNanos()) / 1e8) / 10.0)
                    .put("draining", status.draining())
                    .put(
                            "address",
                            report.peer().address().host()
                                    + ':'
                                    + report.peer().address().port());
            link(peer, bytes.get(number), lastTraffic.get(number));
        }
        lastTraffic = bytes;
        ClusterPoolStats counts = pool.get();
        json.putObject("pool")
                .put("borrowed", counts.borrowed())
                .put("lent", counts.lent())
                .put("lentSlots", counts.lentSlots())
                .put("sent", counts.sent())
                .put("sentBytes", counts.sentBytes())
                .put("lost", counts.lost());
        departures(json.putArray("departures"), counts, problems);
        return json;
    }

    private static void put(ObjectNode into, String role, int running, int waiting, int slots, int free) {
        into.put("role", role.toLowerCase(Locale.ROOT))
                .put("running", running)
                .put("waiting", waiting)
                .put("slots", slots)
                .put("free", free);
    }

    /** Bytes of this second, by channel, in and out; channels that carried none are left out. */
    private static void link(ObjectNode peer, @Nullable Traffic now, @Nullable Traffic before) {
        if (now == null) {
            return;
        }
        ObjectNode link = peer.putObject("link");
        for (Channel channel : Channel.values()) {
            long in = grown(now.in(), before == null ? Map.of() : before.in(), channel);
            long out = grown(now.out(), before == null ? Map.of() : before.out(), channel);
            if (in + out > 0) {
                link.putArray(channel.name().toLowerCase(Locale.ROOT)).add(in).add(out);
            }
        }
    }

    private static long grown(Map<Channel, Long> now, Map<Channel, Long> before, Channel channel) {
        return Math.max(0, now.getOrDefault(channel, 0L) - before.getOrDefault(channel, 0L));
    }

    private void departures(ArrayNode list, ClusterPoolStats counts, Problems problems) {
        for (Departure departure : node.departures()) {
            if (departure.number() > lastDeparture && !departure.farewell()) {
                problems.nodeLost(
                        departure.node(),
                        "Node " + departure.node() + " is gone without a farewell. Of the " + departure.held()
                                + " segments that it held " + departure.elsewhere() + " are on other nodes, the rest is"
                                + " computed again when it's asked for.");
            }
            if (departure.number() > lastDeparture) {
                gone.addFirst(new Aftermath(departure, second + AFTERMATH_SECONDS, routing.get(Count.RESUMES), counts));
            }
        }
        lastDeparture =
                node.departures().stream().mapToLong(Departure::number).max().orElse(lastDeparture);
        while (gone.size() > MOST_DEPARTURES) {
            gone.removeLast();
        }
        for (Aftermath past : gone) {
            if (second <= past.untilSecond) {
                past.resumed = routing.get(Count.RESUMES) - past.resumes;
                past.moved = counts.sent() - past.sent;
                past.lostInUse = counts.lost() - past.lost;
            }
            list.addObject()
                    .put("node", past.departure.node())
                    .put("at", past.atMillis)
                    .put("farewell", past.departure.farewell())
                    .put("held", past.departure.held())
                    .put("elsewhere", past.departure.elsewhere())
                    .put("resumed", past.resumed)
                    .put("moved", past.moved)
                    .put("lostInUse", past.lostInUse);
        }
    }
}
