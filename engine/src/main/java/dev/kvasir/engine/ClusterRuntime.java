package dev.kvasir.engine;

import dev.kvasir.engine.cluster.ClusterNode;
import dev.kvasir.engine.cluster.ClusterTiming;
import dev.kvasir.engine.cluster.NodeAddress;
import dev.kvasir.engine.cluster.Peer;
import dev.kvasir.engine.cluster.PeerListener;
import dev.kvasir.engine.config.ClusterSecret;
import dev.kvasir.engine.config.ClusterSettings;
import dev.kvasir.engine.config.Settings;
import dev.kvasir.engine.config.SettingsException;
import dev.kvasir.engine.routing.ClusterView;
import dev.kvasir.engine.routing.IdleScheduler;
import dev.kvasir.engine.routing.RoutedScheduler;
import dev.kvasir.engine.routing.RoutingTiming;
import dev.kvasir.engine.serving.ModelFacts;
import dev.kvasir.engine.wire.NetWire;
import dev.kvasir.engine.wire.Traffic;
import dev.kvasir.engine.wire.WireLimits;
import dev.kvasir.engine.wire.WireTls;
import dev.kvasir.pool.Directory;
import dev.kvasir.pool.ReadPlan;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.cluster.ClusterPoolStats;
import dev.kvasir.runner.Guides;
import dev.kvasir.scheduler.Scheduler;
import dev.kvasir.scheduler.SchedulerStats;
import dev.kvasir.scheduler.routing.RoutingPolicies;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** This process's membership of a cluster and its data plane: what there is of them before and after a model. */
final class ClusterRuntime {
    private static final long WAIT_SECONDS = 30;
    /** Room for any message about segments, however small these are. */
    private static final int LEAST_FRAME_BYTES = 1 << 22;

    private static final int FRAME_OVERHEAD = 1 << 16;
    private static final int POLL_MILLIS = 100;

    /** Routing asks the directory itself; what else there is to hear is for who has a pool. */
    private static final Directory.Events UNHEARD = new Directory.Events() {
        @Override
        public void onJoined(int node) {}

        @Override
        public void onLeft(int node) {}

        @Override
        public void onShared(SegmentId id) {}
    };

    private final ClusterSettings settings;
    private final ClusterSecret secret;
    private final ClusterNode node;

    private ClusterRuntime(ClusterSettings settings, ClusterSecret secret, ClusterNode node) {
        this.settings = settings;
        this.secret = secret;
        this.node = node;
    }

    /**
     * Joins the cluster that the settings name.
     *
     * @throws SettingsException if that can't be
     */
    static ClusterRuntime join(Settings settings, VertxOptions options, Path configFolder) {
        ClusterSecret secret = Wiring.secret(settings);
        return new ClusterRuntime(
                settings.cluster(),
                secret,
                ClusterNode.start(settings.cluster(), secret, options, configFolder, ClusterTiming.DEFAULT));
    }

    Vertx vertx() {
        return node.vertx();
    }

    ClusterNode node() {
        return node;
    }

    int number() {
        return node.number();
    }

    /** Returns whether this node runs requests, or only holds segments for others. */
    boolean canCompute() {
        return settings.role() == ClusterSettings.Role.MIXED;
    }

    /** Returns whether this node takes requests and has neither model nor pool. */
    boolean isFrontend() {
        return settings.role() == ClusterSettings.Role.FRONTEND;
    }

    /**
     * Puts routing before a node's scheduler.
     *
     * @param wake says that the step thread has something to do
     */
    RoutedScheduler route(Settings all, ModelFacts model, Scheduler local, Guides guides, Runnable wake) {
        RoutingPolicies kind = RoutingPolicies.valueOf(settings.routing().name());
        int segmentTokens = model.layout().segmentTokens();
        RandomGenerator random = () -> ThreadLocalRandom.current().nextLong();
        RoutedScheduler.Policy policy = new RoutedScheduler.Policy(
                kind.toString(),
                kind == RoutingPolicies.POOLED,
                locations -> kind.create(segmentTokens, locations, random));
        return RoutedScheduler.start(
                node.vertx(),
                secret,
                new ClusterView(node),
                new RoutedScheduler.Options(
                        policy, segmentTokens, all.scheduler().maxQueued(), canCompute(), RoutingTiming.DEFAULT),
                local,
                wake,
                System::nanoTime,
                guides);
    }

    /** Makes a frontend one of the nodes: it hears the directory, and its data plane has nothing to say. */
    RoutedScheduler routeAway(
            Settings all, ModelFacts model, String identity, Guides guides, Runnable wake, Runnable onFenced) {
        NetWire wire = openWire(identity, model.layout().segmentBytes());
        Directory directory = serve(wire, identity, onFenced);
        long timer = node.vertx().setPeriodic(POLL_MILLIS, id -> wake.run());
        IdleScheduler idle = new IdleScheduler(model.config().contextTokens(), () -> directory.poll(UNHEARD), () -> {
            node.vertx().cancelTimer(timer);
            wire.close();
        });
        return route(all, model, idle, guides, wake);
    }

    /**
     * Returns what the pages show of the nodes.
     *
     * @param own how this node's scheduler is
     * @param traffic bytes from and to each other node
     * @param pool what this node has had to do with others' segments
     */
    ClusterNodesView view(
            RoutedScheduler routed,
            Supplier<SchedulerStats> own,
            Supplier<Map<Integer, Traffic>> traffic,
            Supplier<ClusterPoolStats> pool) {
        return new ClusterNodesView(node, settings.role(), own, routed.counters(), traffic, pool);
    }

    /** Returns whether several nodes compute a long prompt together. */
    ClusterSettings.Elastic elastic() {
        return settings.elastic();
    }

    /** Returns how segments of other nodes are to be read, null for whatever is faster. */
    ReadPlan.@Nullable Way forcedWay() {
        return switch (settings.reads()) {
            case AUTO -> null;
            case QUERY -> ReadPlan.Way.QUERY;
            case FETCH -> ReadPlan.Way.FETCH;
        };
    }

    /**
     * Opens the data plane. Nobody knows of it before {@link #serve}.
     *
     * @param model what must be equal for two nodes to be of use to each other
     * @param segmentBytes the longest thing to be sent
     */
    NetWire openWire(String model, int segmentBytes) {
        ClusterSettings.Tls tls = settings.tls();
        return new NetWire(
                node.vertx(),
                node.number(),
                secret.derive("data plane"),
                model,
                WireLimits.forFrames(Math.max(LEAST_FRAME_BYTES, segmentBytes + FRAME_OVERHEAD)),
                tls == null ? null : new WireTls(tls.key(), tls.cert(), tls.ca()),
                new SplittableRandom(node.number()));
    }

    /**
     * Listens, and tells the other nodes.
     *
     * @param onFenced runs if another node has this one's number
     * @return who holds what
     */
    Directory serve(NetWire wire, String model, Runnable onFenced) {
        int port = await(wire.start(settings.bind(), settings.dataPort()));
        return node.serve(
                model,
                new NodeAddress(settings.bind(), port),
                new PeerListener() {
                    @Override
                    public void onPeer(Peer peer) {
                        wire.addNode(
                                peer.node(),
                                peer.address().host(),
                                peer.address().port());
                    }

                    @Override
                    public void onPeerLeft(int gone) {
                        wire.removeNode(gone);
                    }
                },
                onFenced);
    }

    /** Takes leave and ends Vert.x. */
    void leave() {
        node.leave();
    }

    private static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new SettingsException("the data plane can't listen: " + cause.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (TimeoutException e) {
            throw new IllegalStateException("not done within " + WAIT_SECONDS + " s", e);
        }
    }
}
