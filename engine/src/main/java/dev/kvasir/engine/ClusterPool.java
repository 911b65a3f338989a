package dev.kvasir.engine;

import dev.kvasir.engine.cluster.ClusterMetrics;
import dev.kvasir.engine.config.ClusterSettings;
import dev.kvasir.engine.metrics.WireMetrics;
import dev.kvasir.engine.wire.NetWire;
import dev.kvasir.engine.wire.Traffic;
import dev.kvasir.pool.CacheInterface;
import dev.kvasir.pool.Directory;
import dev.kvasir.pool.MemPool;
import dev.kvasir.pool.NodeStatus;
import dev.kvasir.pool.PoolUsage;
import dev.kvasir.pool.PrefillGroups;
import dev.kvasir.pool.ReadPlan;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.cluster.ClusterMemPool;
import dev.kvasir.pool.cluster.ClusterPoolStats;
import dev.kvasir.pool.cluster.FlatMemPool;
import dev.kvasir.pool.cluster.LoanOffice;
import dev.kvasir.pool.cluster.ReadPolicy;
import dev.kvasir.pool.group.GroupLimits;
import dev.kvasir.pool.group.GroupOffice;
import dev.kvasir.pool.group.GroupStats;
import dev.kvasir.pool.loan.LoanLimits;
import dev.kvasir.pool.placement.BalancedPlacement;
import dev.kvasir.pool.placement.Link;
import dev.kvasir.pool.placement.PlacementConfig;
import dev.kvasir.pool.placement.ReadPlanner;
import dev.kvasir.pool.plans.DirectoryCache;
import dev.kvasir.pool.plans.NodePower;
import dev.kvasir.pool.plans.PlanConfig;
import dev.kvasir.pool.tiered.Mover;
import dev.kvasir.pool.transfer.LocalNode;
import dev.kvasir.pool.transfer.TransferLimits;
import dev.kvasir.pool.transfer.TransferMemPool;
import dev.kvasir.pool.transfer.WireTransport;
import dev.kvasir.runner.DType;
import dev.kvasir.runner.ModelRunner;
import dev.kvasir.runner.remote.LinkRates;
import dev.kvasir.runner.remote.Queries;
import dev.kvasir.runner.remote.QueryServer;
import dev.kvasir.runner.remote.SplitAttention;
import dev.kvasir.scheduler.elastic.ElasticChoice;
import dev.kvasir.scheduler.elastic.NodeChoice;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.Closeable;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes a node's pool one of all nodes': puts loans, transfers and queries on top of it and opens the data plane under them. */
final class ClusterPool implements Closeable {
    private static final Logger log = LoggerFactory.getLogger(ClusterPool.class);
    private static final long LEASE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long BORROW_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(2);
    /** A peer that fell silent is noticed by the wire long before; this is for one that answers pings and nothing else. */
    private static final long QUERY_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** A group in which nothing happens for so long has lost somebody. */
    private static final long GROUP_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(15);
    /** Prompts of others that a node computes a part of at a time. */
    private static final int GROUPS = 4;

    /**
     * What a node can do, as far as the part of it that attention to cached prefixes takes is concerned: a few cores. Not measured, since it only shifts all times
     * alike.
     */
    private static final NodePower POWER = new NodePower(1e10, 5e10);

    private static final int LOAN_SEGMENTS = 1024;
    private static final int LOANS = 256;
    /** A node's own requests need slots, too. */
    private static final double LENT_SHARE = 0.75;

    /** A request's life is guessed, since nobody knows where it stops. */
    private static final int EXPECTED_TOKENS = 128;

    private static final int WAKE_MILLIS = 100;
    private static final long CLOSE_SECONDS = 10;

    /** What a node has to do, as others should know. */
    interface Load {
        int running();

        int waiting();

        boolean isDraining();
    }

    private final ClusterRuntime runtime;
    private final int prefillChunk;
    private final NetWire wire;
    private final ExecutorService copies;
    private final ExecutorService answers;
    private final TransferMemPool transfers;
    private final ClusterMemPool pool;
    private final GroupOffice groups;
    private final @Nullable ElasticChoice elastic; // null if every node computes its own prompts alone
    private final NodeChoice choice;
    private final Supplier<GroupStats> groupStats = this::publishedGroups; // a field, as stats is
    private final Queries queries;
    private final QueryServer server;
    private final long timer;
    // A field, since meters hold what they read weakly.
    private final Supplier<ClusterPoolStats> stats = this::published;
    private volatile boolean handedOver;
    private volatile ClusterPoolStats published = ClusterPoolStats.NONE; // of a moment ago, for other threads
    private volatile GroupStats publishedGroups = GroupStats.NONE;

    /**
     * Opens all of it.
     *
     * @param below the node's own pool
     * @param identity of the model's keys and values
     * @param prefillChunk tokens of a prompt that a step computes at most
     * @param shareTokens tokens of prompts of several nodes that a step computes at most
     * @param load of this node
     * @param wake says, on any thread, that the step thread has something to do
     * @param onFenced runs if this node can't go on in the cluster
     */
    ClusterPool(
            ClusterRuntime runtime,
            PoolWiring.Pool below,
            ModelRunner runner,
            String identity,
            int prefillChunk,
            int shareTokens,
            Load load,
            Runnable wake,
            Runnable onFenced) {
        this.runtime = runtime;
        this.prefillChunk = prefillChunk;
        wire = runtime.openWire(identity, runner.kvLayout().segmentBytes());
        copies = Executors.newSingleThreadExecutor(job -> daemon(job, "arrivals"));
        answers = Executors.newSingleThreadExecutor(job -> daemon(job, "queries"));
        Mover mover = new Mover(copies, System::nanoTime, wake);
        int slots = below.pool().capacity(Tier.DEVICE);
        transfers = new TransferMemPool(
                new FlatMemPool(below.pool()),
                runner.kvStorage(),
                new LocalNode(runtime.number(), System.currentTimeMillis(), SegmentId.of(runner.fingerprint())),
                new WireTransport(wire, wake),
                new TransferLimits(LOAN_SEGMENTS, LOANS, LEASE_NANOS),
                mover,
                System::nanoTime);
        LoanLimits limits = new LoanLimits(
                LOAN_SEGMENTS,
                LOANS,
                runtime.canCompute() ? (int) (slots * LENT_SHARE) : slots,
                LEASE_NANOS,
                BORROW_PATIENCE_NANOS);
        LoanOffice loans = new LoanOffice(transfers, wire, limits, System::nanoTime, wake);
        queries = new Queries(wire, loans.borrower(), QUERY_PATIENCE_NANOS, System::nanoTime);
        DType dtype = DType.valueOf(runner.kvLayout().dtype().name());
        server = new QueryServer(
                wire,
                loans.lender(),
                runner.newAttention(),
                runner.kvLayout(),
                runner.config().heads(),
                dtype,
                answers,
                e -> log.error("a query of another node failed", e));
        QueryServer.listen(wire, server, queries);
        Directory directory = runtime.serve(wire, identity, onFenced);
        AtomicReference<BalancedPlacement> placement = new AtomicReference<>();
        Supplier<NodeStatus> status = () -> status(load, placement.get());
        pool = new ClusterMemPool(
                transfers,
                directory,
                loans,
                own -> {
                    BalancedPlacement made =
                            new BalancedPlacement(directory, status, own, PlacementConfig.DEFAULT, System::nanoTime);
                    placement.set(made);
                    return made;
                },
                reads(runner),
                status,
                System::nanoTime);
        below.watch().accept(pool.residence());
        groups = new GroupOffice(
                pool,
                loans.lender(),
                loans.borrower(),
                wire,
                new GroupLimits(
                        shareTokens,
                        runner.config().contextTokens(),
                        runner.config().vocab(),
                        runtime.canCompute() ? GROUPS : 0,
                        GROUP_PATIENCE_NANOS),
                System::nanoTime,
                wake);
        pool.attach(groups);
        elastic = runtime.elastic().mode() == ClusterSettings.ElasticMode.OFF || !runtime.canCompute()
                ? null
                : new ElasticChoice(
                        cache(runner, directory, status),
                        runtime.number(),
                        new ElasticChoice.Config(
                                ElasticChoice.Mode.valueOf(
                                        runtime.elastic().mode().name()),
                                runtime.elastic().tokens()),
                        ClusterPool::log);
        choice = elastic == null ? NodeChoice.ALONE : elastic;
        runner.attendElsewhere(
                here -> new SplitAttention(
                        here, queries, loans.borrower(), runner.kvLayout().segmentTokens(), groups),
                groups::isWatched);
        timer = runtime.vertx().setPeriodic(WAKE_MILLIS, id -> wake.run());
    }

    private CacheInterface cache(ModelRunner runner, Directory directory, Supplier<NodeStatus> status) {
        DType dtype = DType.valueOf(runner.kvLayout().dtype().name());
        return new DirectoryCache(
                directory,
                pool::isHere,
                status,
                node -> {
                    LinkRates.Rate rate = queries.rates().of(node);
                    return new Link(rate.bytesPerSecond(), rate.roundTripNanos());
                },
                node -> 0, // how much others have to read isn't known here
                new PlanConfig(runner.kvLayout(), runner.config().heads(), dtype.bytes(), prefillChunk, POWER));
    }

    private static void log(ElasticChoice.Decision decision) {
        log.atInfo()
                .addKeyValue("nodes", decision.nodes())
                .addKeyValue("idleNodes", decision.idleNodes())
                .addKeyValue("cachedTokens", decision.cachedTokens())
                .addKeyValue("newTokens", decision.newTokens())
                .addKeyValue("aloneSeconds", decision.aloneSeconds())
                .addKeyValue("seconds", decision.seconds())
                .log("long prompt");
    }

    private ReadPolicy reads(ModelRunner runner) {
        DType dtype = DType.valueOf(runner.kvLayout().dtype().name());
        ReadPlanner planner = new ReadPlanner(runner.kvLayout(), runner.config().heads(), dtype.bytes());
        return (holder, segments, newTokens, freeSlots) -> {
            LinkRates.Rate rate = queries.rates().of(holder);
            int steps = (newTokens + prefillChunk - 1) / prefillChunk;
            ReadPlan plan = planner.plan(
                    new ReadPlanner.Demand(segments, newTokens, steps, EXPECTED_TOKENS, freeSlots),
                    new Link(rate.bytesPerSecond(), rate.roundTripNanos()),
                    runtime.forcedWay());
            log.atDebug()
                    .addKeyValue("holder", holder)
                    .addKeyValue("segments", segments)
                    .addKeyValue("way", plan.way())
                    .addKeyValue("reason", plan.reason())
                    .addKeyValue("queryNanos", (long) plan.query().nanos())
                    .addKeyValue("fetchNanos", (long) plan.fetch().nanos())
                    .log("read");
            return plan;
        };
    }

    private NodeStatus status(Load load, @Nullable BalancedPlacement placement) {
        published = pool.clusterStats();
        publishedGroups = groups.stats();
        handedOver = load.isDraining() && pool.isHandedOver();
        PoolUsage usage = transfers.usage(Tier.DEVICE);
        return new NodeStatus(
                runtime.number(),
                usage.slots(),
                usage.free(),
                load.running(),
                load.waiting(),
                placement == null ? 0 : placement.accessRate(),
                runtime.canCompute(),
                load.isDraining());
    }

    private static Thread daemon(Runnable job, String name) {
        Thread thread = new Thread(job, name);
        thread.setDaemon(true);
        return thread;
    }

    MemPool pool() {
        return pool;
    }

    /** Returns what has prompts computed by several nodes, and has this one do its share of others'. */
    PrefillGroups groups() {
        return groups;
    }

    /** Returns what decides which prompts. */
    NodeChoice choice() {
        return choice;
    }

    /** Returns whether this node is draining and holds nothing that no other node has. Thread-safe; of a moment ago. */
    boolean isHandedOver() {
        return handedOver;
    }

    /** Returns what this node has had to do with others' segments, as of a moment ago. Thread-safe. */
    ClusterPoolStats stats() {
        return published;
    }

    /** Returns bytes from and to each other node. Thread-safe. */
    Map<Integer, Traffic> traffic() {
        return wire.traffic();
    }

    private ClusterPoolStats published() {
        return published;
    }

    private GroupStats publishedGroups() {
        return publishedGroups;
    }

    /** Registers the numbers of all this. */
    void register(MeterRegistry registry, String model) {
        ClusterPoolMetrics.register(registry, model, stats, queries, server);
        GroupMetrics.register(registry, model, groupStats, elastic);
        new WireMetrics(registry, model, wire::stats);
        ClusterMetrics.bind(registry, runtime.node());
    }

    /** Ends what this node lends and sends. On the pool's thread, after the last step and before the node's own pool is closed. */
    @Override
    public void close() throws IOException {
        runtime.vertx().cancelTimer(timer);
        pool.close();
        transfers.close();
        wire.close();
        end(answers);
        end(copies);
        pool.poll(); // lets go of what was visited until now
    }

    private static void end(ExecutorService executor) throws IOException {
        executor.shutdown();
        try {
            if (!executor.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("a thread of the data plane doesn't end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
