package dev.kvasir.engine.routing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.NodeStatus;
import dev.kvasir.pool.PoolUsage;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.eviction.LruPolicy;
import dev.kvasir.pool.local.LocalMemPool;
import dev.kvasir.runner.ModelRunner;
import dev.kvasir.scheduler.Scheduler;
import dev.kvasir.scheduler.SchedulerConfig;
import dev.kvasir.scheduler.batching.ContinuousScheduler;
import dev.kvasir.scheduler.routing.RoutingPolicies;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Nodes with real schedulers and models on one thread: messages are delivered, steps done and time passes when the test says so. */
final class InProcessNodes implements AutoCloseable {
    static final RoutingTiming TIMING = new RoutingTiming(500, 3000, 30_000, 4);
    static final int MAX_QUEUED = 8;
    static final int MAX_PLACING = 16;

    final List<TestNode> nodes = new ArrayList<>();
    private final RoutingPolicies policy;
    private long nanos = 1_000_000_000;
    /** Whether a message is lost on its way. */
    Loss loss = (from, to, bytes) -> false;

    /** Decides about messages. */
    interface Loss {
        boolean isLost(int from, int to, byte[] bytes);
    }

    InProcessNodes(RoutingPolicies policy) {
        this.policy = policy;
    }

    static byte[] key(int seed) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) seed);
        return bytes;
    }

    /** Starts a node that computes. */
    TestNode start(ModelRunner runner) {
        TestNode node = new TestNode(nodes.size() + 1, runner);
        nodes.add(node);
        return node;
    }

    /** Starts a node without a model. */
    TestNode startFrontend() {
        TestNode node = new TestNode(nodes.size() + 1, null);
        nodes.add(node);
        return node;
    }

    final class TestNode implements NodeView, Post {
        final int number;
        final RoutedScheduler routed;
        private final Scheduler local;
        private final @Nullable LocalMemPool pool;
        private final Deque<Runnable> tasks = new ArrayDeque<>();
        final List<byte[]> received = new ArrayList<>();
        boolean isDead;
        boolean isFrozen;
        /** Whether the others know of it. */
        boolean isMember = true;

        private boolean isDraining;

        private TestNode(int number, @Nullable ModelRunner runner) {
            this.number = number;
            if (runner == null) {
                pool = null;
                local = new IdleScheduler(512, () -> false, () -> {});
            } else {
                pool = new LocalMemPool(runner.kvLayout(), 0, runner.kvStorage(), new LruPolicy());
                local = new ContinuousScheduler(
                        new SchedulerConfig(
                                256, 8, MAX_QUEUED, 32, runner.config().contextTokens()),
                        runner,
                        pool,
                        () -> nanos,
                        e -> {
                            throw new AssertionError(e);
                        });
            }
            RoutingCounters counters = new RoutingCounters();
            routed = new RoutedScheduler(
                    new RoutedScheduler.Options(
                            new RoutedScheduler.Policy(
                                    policy.toString(),
                                    policy == RoutingPolicies.POOLED,
                                    locations -> policy.create(16, locations, new SplittableRandom(number))),
                            16,
                            MAX_PLACING,
                            runner != null,
                            TIMING),
                    local,
                    () -> {},
                    this,
                    new Envelopes(number, number, key(1), counters),
                    () -> nanos,
                    tasks::add,
                    this,
                    counters,
                    (spec, then) -> then.accept(spec.json().equals(DigitGuide.SPEC.json()) ? DigitGuide.GUIDE : null));
        }

        long count(RoutingCounters.Count count) {
            return routed.counters().get(count);
        }

        boolean isBusy() {
            return local.hasWork();
        }

        @Override
        public int self() {
            return number;
        }

        @Override
        public List<NodeStatus> peers() {
            return nodes.stream()
                    .filter(node -> node != this && node.isMember)
                    .map(TestNode::status)
                    .toList();
        }

        private NodeStatus status() {
            PoolUsage usage = local.stats().pool();
            return new NodeStatus(
                    number,
                    usage.slots(),
                    usage.free(),
                    local.stats().running(),
                    local.stats().waiting(),
                    0,
                    pool != null,
                    isDraining);
        }

        @Override
        public CompletableFuture<Map<Integer, Integer>> held(List<SegmentId> path) {
            return CompletableFuture.completedFuture(Map.of());
        }

        @Override
        public void send(int to, byte[] bytes) {
            if (!isDead && !loss.isLost(number, to, bytes)) {
                TestNode node = nodes.get(to - 1);
                node.received.add(bytes);
                node.tasks.add(() -> node.routed.onBytes(bytes));
            }
        }

        /** Has bytes delivered, whoever made them. */
        void deliver(byte[] bytes) {
            tasks.add(() -> routed.onBytes(bytes));
        }

        private boolean isUp() {
            return !isDead && !isFrozen;
        }

        /** Ends as by kill -9: nothing of it is heard any more, and nobody of it is told. */
        void kill() {
            isDead = true;
            isMember = false;
        }

        void freeze() {
            isFrozen = true;
        }

        void thaw() {
            isFrozen = false;
        }

        /** Ends in order. */
        void leave() {
            routed.drain();
            isDraining = true;
            pump();
            routed.close();
            pump();
            isDead = true;
            isMember = false;
        }

        private boolean runTasks() {
            boolean any = false;
            while (isUp() && !tasks.isEmpty()) {
                tasks.remove().run();
                any = true;
            }
            return any;
        }

        void assertIdle() {
            if (pool != null) {
                local.checkInvariants();
                assertThat(pool.usage(Tier.DEVICE).pinned()).as("pins left").isZero();
                assertThat(pool.usage(Tier.DEVICE).writing()).as("slots left").isZero();
            }
            assertThat(local.hasWork()).as("work left at " + number).isFalse();
            assertThat(routed.live()).as("requests left").isZero();
            assertThat(routed.placing()).as("requests that look for a node").isZero();
            assertThat(routed.runs()).as("requests of others left").isZero();
        }
    }

    /** Delivers all that was sent, and what is sent then. */
    void pump() {
        boolean any = true;
        while (any) {
            any = false;
            for (TestNode node : nodes) {
                any |= node.runTasks();
            }
        }
    }

    /** Does one step at every node. */
    void step() {
        pump();
        for (TestNode node : nodes) {
            if (node.isUp()) {
                node.local.step();
            }
        }
        pump();
    }

    /** Lets time pass, a tick at a time, without steps. */
    void pass(long millis) {
        for (long passed = 0; passed < millis; passed += TIMING.tickMillis()) {
            nanos += TIMING.tickMillis() * 1_000_000;
            for (TestNode node : nodes) {
                if (node.isUp()) {
                    node.routed.tick();
                }
            }
            pump();
        }
    }

    /** Goes on, a step in each 100 ms, until a request has ended. */
    void runUntilEnded(Answer... answers) {
        int left = 4000;
        while (!Arrays.stream(answers).allMatch(Answer::isEnded)) {
            assertThat(left--).as("a request never ends").isPositive();
            step();
            pass(TIMING.tickMillis());
        }
        step();
    }

    /** Lets all that nobody wants any more end, and looks whether it has. */
    void assertIdle() {
        pass(2 * TIMING.deadlineMillis());
        step();
        step();
        nodes.stream().filter(TestNode::isUp).forEach(TestNode::assertIdle);
    }

    @Override
    public void close() {
        nodes.forEach(node -> node.local.close());
    }
}
