package dev.kvasir.scheduler.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.CacheRequest;
import dev.kvasir.pool.CachedTokens;
import dev.kvasir.pool.NodeStatus;
import dev.kvasir.pool.PoolUsage;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.Wire;
import dev.kvasir.pool.cluster.ClusterMemPool;
import dev.kvasir.pool.cluster.FlatMemPool;
import dev.kvasir.pool.cluster.LoanOffice;
import dev.kvasir.pool.directory.LocalDirectory;
import dev.kvasir.pool.eviction.LruPolicy;
import dev.kvasir.pool.group.GroupLimits;
import dev.kvasir.pool.group.GroupOffice;
import dev.kvasir.pool.loan.LoanLimits;
import dev.kvasir.pool.local.LocalMemPool;
import dev.kvasir.pool.placement.BalancedPlacement;
import dev.kvasir.pool.placement.Link;
import dev.kvasir.pool.placement.PlacementConfig;
import dev.kvasir.pool.placement.ReadPlanner;
import dev.kvasir.pool.tiered.Mover;
import dev.kvasir.pool.transfer.LocalNode;
import dev.kvasir.pool.transfer.TransferLimits;
import dev.kvasir.pool.transfer.TransferMemPool;
import dev.kvasir.pool.transfer.WireTransport;
import dev.kvasir.runner.DType;
import dev.kvasir.runner.RunnerOptions;
import dev.kvasir.runner.RunnerOptions.DTypeChoice;
import dev.kvasir.runner.RunnerOptions.Plan;
import dev.kvasir.runner.SamplingParams;
import dev.kvasir.runner.TokenLogprobs;
import dev.kvasir.runner.checkpoint.ModelDirectory;
import dev.kvasir.runner.remote.Queries;
import dev.kvasir.runner.remote.QueryServer;
import dev.kvasir.runner.remote.SplitAttention;
import dev.kvasir.runner.torch.TorchModelRunner;
import dev.kvasir.scheduler.FinishReason;
import dev.kvasir.scheduler.GenerationRequest;
import dev.kvasir.scheduler.PrefetchConfig;
import dev.kvasir.scheduler.RequestStats;
import dev.kvasir.scheduler.Scheduler.Submission;
import dev.kvasir.scheduler.SchedulerConfig;
import dev.kvasir.scheduler.TokenSink;
import dev.kvasir.scheduler.batching.ContinuousScheduler;
import dev.kvasir.scheduler.elastic.NodeChoice;
import dev.kvasir.scheduler.elastic.StepWork;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One node of an {@link EngineCluster}. */
final class ClusterEngine implements AutoCloseable {
    static final SegmentId ROOT = new SegmentId(1, 2, 3, 4);
    static final long LEASE = TimeUnit.SECONDS.toNanos(10);

    final int number;
    final TorchModelRunner runner;
    final ClusterMemPool pool;
    final ContinuousScheduler scheduler;
    final Queries queries;
    final QueryServer server;
    final GroupOffice groups;
    private final EngineCluster cluster;
    private final LocalDirectory directory;
    private final ExecutorService serving = Executors.newSingleThreadExecutor();
    private boolean alive = true;
    volatile boolean mute; // lends, and answers no query
    private int requests;

    ClusterEngine(Path model, EngineCluster cluster, int slots) {
        this.cluster = cluster;
        directory = cluster.directory.join();
        number = directory.self();
        ModelDirectory files = ModelDirectory.open(model);
        var config = files.config();
        long segmentBytes =
                2L * config.layers() * config.kvHeads() * EngineCluster.SEGMENT * config.headDim() * Float.BYTES;
        runner = TorchModelRunner.load(
                config,
                files.checkpoint(),
                new byte[32],
                new RunnerOptions(DTypeChoice.FLOAT32, 1, segmentBytes * slots, EngineCluster.SEGMENT, Plan.FUSED));
        Wire wire = cluster.wires.join(number);
        LocalMemPool local = new LocalMemPool(runner.kvLayout(), number, runner.kvStorage(), new LruPolicy());
        FlatMemPool flat = new FlatMemPool(local);
        LoanLimits limits = new LoanLimits(256, 256, slots, LEASE, LEASE);
        TransferMemPool transfers = new TransferMemPool(
                flat,
                runner.kvStorage(),
                new LocalNode(number, 1, ROOT),
                new WireTransport(wire, () -> {}),
                new TransferLimits(64, 16, LEASE),
                new Mover(Runnable::run, cluster::now, () -> {}),
                cluster::now);
        ReadPlanner planner = new ReadPlanner(runner.kvLayout(), config.heads(), Float.BYTES);
        pool = new ClusterMemPool(
                transfers,
                directory,
                new LoanOffice(transfers, wire, limits, cluster::now, () -> {}),
                own -> new BalancedPlacement(directory, this::status, own, PlacementConfig.DEFAULT, cluster::now),
                (holder, segments, newTokens, freeSlots) -> planner.plan(
                        new ReadPlanner.Demand(segments, newTokens, 1, 16, freeSlots),
                        new Link(1e9, 1e5),
                        cluster.forcedWay),
                this::status,
                cluster::now);
        local.watch(pool.residence());
        queries = new Queries(wire, pool.borrowed(), cluster.patienceNanos, System::nanoTime);
        server = new QueryServer(
                wire,
                pool.desk(),
                runner.newAttention(),
                runner.kvLayout(),
                config.heads(),
                DType.FLOAT32,
                job -> {
                    if (!mute) {
                        serving.execute(job);
                    }
                },
                failure -> {
                    throw new AssertionError(failure);
                });
        QueryServer.listen(wire, server, queries);
        groups = new GroupOffice(
                pool,
                pool.lender(),
                pool.borrower(),
                wire,
                new GroupLimits(cluster.shareTokens, config.contextTokens(), config.vocab(), 4, LEASE),
                cluster::now,
                () -> {});
        pool.attach(groups);
        runner.attendElsewhere(
                here -> new SplitAttention(here, queries, pool.borrowed(), EngineCluster.SEGMENT, groups),
                groups::isWatched);
        scheduler = new ContinuousScheduler(
                new SchedulerConfig(
                        2048, 8, 1000, 64, config.contextTokens(), new PrefetchConfig(PrefetchConfig.Patience.WAIT, 0)),
                runner,
                pool,
                groups,
                new Everybody(),
                cluster::now,
                failure -> {
                    throw new AssertionError(failure);
                });
    }

    /** Has all nodes compute each long prompt, if the cluster is to. */
    private final class Everybody implements NodeChoice {
        @Override
        public boolean isWorthAsking(int newTokens) {
            return newTokens >= cluster.togetherFrom;
        }

        @Override
        public List<List<Integer>> choose(List<CacheRequest> prompts) {
            List<Integer> all = new ArrayList<>(
                    directory.nodes().stream().map(NodeStatus::node).toList());
            all.add(number);
            return prompts.stream().map(prompt -> List.copyOf(all)).toList();
        }

        @Override
        public void onStep(StepWork work, double seconds) {}

        @Override
        public void onGroup(CacheRequest prompt, int newTokens, int nodes, double seconds) {}
    }

    private NodeStatus status() {
        PoolUsage usage = pool.usage(Tier.DEVICE);
        return new NodeStatus(number, usage.slots(), usage.free(), 0, 0, 0, true, false);
    }

    Answer submit(int[] prompt, int maxTokens) {
        return submit(prompt, SamplingParams.GREEDY.withLogprobs(5), maxTokens);
    }

    Answer submit(int[] prompt, SamplingParams sampling, int maxTokens) {
        String id = "n" + number + "r" + requests++;
        Answer answer = new Answer();
        GenerationRequest request =
                new GenerationRequest(id, ROOT, prompt.clone(), sampling, maxTokens, 0, new int[0], -1, 0);
        assertThat(scheduler.submit(request, answer)).isEqualTo(Submission.ACCEPTED);
        return answer;
    }

    /** Cancels the request that was submitted last. */
    void cancelLast() {
        scheduler.cancel("n" + number + "r" + (requests - 1));
    }

    boolean step() {
        boolean any = scheduler.step();
        scheduler.checkInvariants();
        return any;
    }

    boolean isAlive() {
        return alive;
    }

    /** Ends the node as a crash does: it says nothing more, and in a while the others know. */
    void crash() {
        alive = false;
        cluster.wires.cut(number);
    }

    /** Has the directory and the wires say that it's gone. */
    void isFoundDead() {
        cluster.directory.leave(directory);
        cluster.wires.notice(number);
    }

    int sealed() {
        return pool.usage(Tier.DEVICE).sealed();
    }

    boolean holdsAnything() {
        return pool.usage(Tier.DEVICE).pinned() > 0 || pool.usage(Tier.DEVICE).writing() > 0;
    }

    void checkNothingIsHeld() {
        assertThat(pool.usage(Tier.DEVICE).pinned())
                .as("pins of node " + number)
                .isZero();
        assertThat(pool.usage(Tier.DEVICE).writing())
                .as("private slots of node " + number)
                .isZero();
    }

    @Override
    public void close() {
        scheduler.close();
        pool.close();
        serving.shutdown();
        try {
            if (!serving.awaitTermination(20, TimeUnit.SECONDS)) {
                throw new AssertionError("a query doesn't end");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        runner.close();
    }

    /** What a request got. */
    static final class Answer implements TokenSink {
        final List<Integer> tokens = new ArrayList<>();
        final List<float[]> logprobs = new ArrayList<>();
        CachedTokens cached = CachedTokens.NONE;

        @Nullable
        FinishReason reason;

        @Override
        public void onPrefilled(CachedTokens found, List<TokenLogprobs> promptLogprobs) {
            cached = found;
        }

        @Override
        public void onToken(int token, @Nullable TokenLogprobs of) {
            tokens.add(token);
            if (of != null) {
                logprobs.add(of.topLogprobs());
            }
        }

        @Override
        public void onFinish(FinishReason why, RequestStats stats) {
            reason = why;
        }

        /** Returns the largest difference of log-probabilities to another answer of the same tokens. */
        double distance(Answer other) {
            assertThat(tokens).isEqualTo(other.tokens);
            double most = 0;
            for (int i = 0; i < logprobs.size(); i++) {
                for (int j = 0; j < logprobs.get(i).length; j++) {
                    most = Math.max(
                            most, Math.abs(logprobs.get(i)[j] - other.logprobs.get(i)[j]));
                }
            }
            return most;
        }
    }
}
