package dev.kvasir.engine.routing;

import dev.kvasir.engine.config.ClusterSecret;
import dev.kvasir.engine.routing.RoutingCounters.Count;
import dev.kvasir.pool.MemPool;
import dev.kvasir.runner.Guides;
import dev.kvasir.scheduler.GenerationRequest;
import dev.kvasir.scheduler.PrefixLocations;
import dev.kvasir.scheduler.RoutingPolicy;
import dev.kvasir.scheduler.Scheduler;
import dev.kvasir.scheduler.SchedulerStats;
import dev.kvasir.scheduler.TokenSink;
import io.vertx.core.Vertx;
import java.security.SecureRandom;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * A scheduler before that of this node: what is submitted here runs on the node that a policy names, and goes on elsewhere if that node is lost. The other
 * way round it runs what other nodes send, on this node's own. All that isn't about submissions is that scheduler's.
 *
 * <p>A submission that is accepted has a place in a line here, not yet in a queue: where all of these are full it waits some time for one.
 */
public final class RoutedScheduler implements Scheduler {
    private static final long DEPLOY_SECONDS = 60;

    /**
     * Which node a request goes to.
     *
     * @param name what it's called in metrics
     * @param asksForPrefixes whether it wants to know where prefixes lie
     * @param create makes it
     */
    public record Policy(String name, boolean asksForPrefixes, Function<PrefixLocations, RoutingPolicy> create) {}

    /**
     * How to route.
     *
     * @param policy which node a request goes to
     * @param segmentTokens tokens of a segment
     * @param maxPlacing so many requests may look for a worker at once; more are refused
     * @param computes whether this node runs requests itself
     * @param timing when nodes lose patience
     */
    public record Options(Policy policy, int segmentTokens, int maxPlacing, boolean computes, RoutingTiming timing) {
        public Options {
            if (segmentTokens < 1 || maxPlacing < 1) {
                throw new IllegalArgumentException(
                        "no such routing: segments of " + segmentTokens + " tokens, " + maxPlacing + " requests");
            }
        }
    }

    private final Scheduler local;
    private final Chooser chooser;
    private final Envelopes envelopes;
    private final RoutingCounters counters;
    private final Options options;
    private final Front front;
    private final Worker worker;

    /**
     * Creates one.
     *
     * @param local this node's own; {@link IdleScheduler} where there is none
     * @param wake says that {@code local} has something to do
     * @param nanoTime the clock of {@code local}
     * @param loop runs all that belongs to the loop, in order
     * @param post used on the loop
     * @param guides compiles what requests of other nodes are guided by
     */
    RoutedScheduler(
            Options options,
            Scheduler local,
            Runnable wake,
            NodeView view,
            Envelopes envelopes,
            LongSupplier nanoTime,
            Executor loop,
            Post post,
            RoutingCounters counters,
            RoutingParts.GuideLoader guides) {
        this.options = options;
        this.local = local;
        this.counters = counters;
        chooser = new Chooser(view, local, options.computes(), options.policy(), options.segmentTokens());
        this.envelopes = envelopes;
        RoutingParts parts = new RoutingParts(
                view.self(),
                local,
                options.computes(),
                wake,
                loop,
                nanoTime,
                options.timing(),
                counters,
                chooser,
                (node, message) -> post.send(node, envelopes.close(node, message)),
                guides);
        front = new Front(parts, options.maxPlacing());
        worker = new Worker(parts);
    }

    /**
     * Creates one on Vert.x' event bus and begins to hear other nodes; waits for that. It ends with the Vert.x.
     *
     * @param local this node's own; {@link IdleScheduler} where there is none
     * @param wake says, on any thread, that {@code local} has something to do
     * @param nanoTime the clock of {@code local}
     * @param guides compiles what requests of other nodes are guided by
     */
    public static RoutedScheduler start(
            Vertx vertx,
            ClusterSecret secret,
            NodeView view,
            Options options,
            Scheduler local,
            Runnable wake,
            LongSupplier nanoTime,
            Guides guides) {
        RoutingCounters counters = new RoutingCounters();
        RoutingBus bus = new RoutingBus(view.self(), options.timing().tickMillis(), counters);
        RoutedScheduler scheduler = new RoutedScheduler(
                options,
                local,
                wake,
                view,
                new Envelopes(view.self(), new SecureRandom().nextLong(), secret.derive("kvasir routing"), counters),
                nanoTime,
                bus,
                bus,
                counters,
                (spec, then) -> bus.compile(guides, spec, then));
        bus.attach(scheduler::onBytes, scheduler::tick);
        vertx.deployVerticle(bus)
                .toCompletionStage()
                .toCompletableFuture()
                .orTimeout(DEPLOY_SECONDS, TimeUnit.SECONDS)
                .join();
        return scheduler;
    }

    /** Takes what another node has sent, on the loop. */
    void onBytes(byte[] bytes) {
        envelopes.open(bytes).ifPresent(opened -> {
            if (!chooser.peers().contains(opened.sender())) {
                counters.add(Count.DROPPED_UNKNOWN);
            } else if (opened.message() instanceof RoutingMessage.Submit
                    || opened.message() instanceof RoutingMessage.Cancel
                    || opened.message() instanceof RoutingMessage.Wanted) {
                worker.onMessage(opened.sender(), opened.message());
            } else {
                front.onMessage(opened.sender(), opened.message());
            }
        });
    }

    /** Looks after what time has brought about, on the loop. */
    void tick() {
        front.tick();
        worker.tick();
    }

    /** Returns what was done and dropped. */
    public RoutingCounters counters() {
        return counters;
    }

    /** Returns what the policy is called. */
    public String policy() {
        return options.policy().name();
    }

    /** Returns how many requests that were submitted here live, wherever they run. */
    public int live() {
        return front.live();
    }

    /** Returns how many requests look for a node that takes them. */
    public int placing() {
        return front.placing();
    }

    /** Returns how many requests of other nodes are here; on the loop. */
    int runs() {
        return worker.runs();
    }

    @Override
    public Submission submit(GenerationRequest request, TokenSink sink) {
        int prompt = request.prompt().length;
        if (prompt + request.leastGenerated() > maxTokens()) {
            throw new IllegalArgumentException("request " + request.id() + ": a prompt of " + prompt + " tokens and "
                    + request.leastGenerated() + " to generate don't fit the longest sequence of " + maxTokens()
                    + " tokens");
        }
        return front.submit(request, sink);
    }

    @Override
    public void cancel(String id) {
        front.cancel(id);
    }

    @Override
    public void drain() {
        chooser.drain();
        local.drain();
    }

    @Override
    public <T> CompletionStage<T> withPool(Function<MemPool, T> task) {
        return local.withPool(task);
    }

    @Override
    public int maxTokens() {
        return Math.min(local.maxTokens(), RoutingMessage.MOST_TOKENS);
    }

    @Override
    public boolean step() {
        return local.step();
    }

    /** Returns whether this node's own scheduler has work. */
    @Override
    public boolean hasWork() {
        return local.hasWork();
    }

    /** Returns the counts of this node's own scheduler; those that look for a node wait, too. */
    @Override
    public SchedulerStats stats() {
        SchedulerStats stats = local.stats();
        int placing = front.placing();
        return placing == 0 ? stats : stats.withWaiting(stats.waiting() + placing);
    }

    @Override
    public void checkInvariants() {
        local.checkInvariants();
    }

    /** Hands what runs here for other nodes back to them, ends all else, and takes no more. */
    @Override
    public void close() {
        chooser.drain();
        front.close();
        local.close();
    }
}
