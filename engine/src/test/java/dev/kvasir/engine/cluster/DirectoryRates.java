package dev.kvasir.engine.cluster;

import com.hazelcast.map.IMap;
import dev.kvasir.engine.cluster.ClusterCounters.Count;
import dev.kvasir.engine.config.ClusterSecret;
import dev.kvasir.engine.config.ClusterSettings.Role;
import dev.kvasir.pool.Directory;
import dev.kvasir.pool.SegmentId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How fast metadata is: prints the figures of docs/decisions/0019-directory.md. Two members in one process, on loopback.
 *
 * <pre>
 * mvn -q -pl engine -am test-compile -Dspotless.check.skip
 * java -Djava.util.concurrent.ForkJoinPool.common.parallelism=2 -cp (engine's test class path) dev.kvasir.engine.cluster.DirectoryRates
 * </pre>
 */
final class DirectoryRates {
    private static final int BATCH = 1000;
    private static final int ROUNDS = 30;

    static final Directory.Events QUIET = new Quiet();

    private DirectoryRates() {}

    public static void main(String[] args) {
        try (TestCluster cluster = new TestCluster(args.length > 0 ? Integer.parseInt(args[0]) : 271)) {
            Directory one =
                    cluster.serve(cluster.start(TestCluster.settings(cluster.port, Role.MIXED), ClusterTiming.DEFAULT));
            Directory two =
                    cluster.serve(cluster.start(TestCluster.settings(cluster.port, Role.MIXED), ClusterTiming.DEFAULT));
            Quiet quiet = new Quiet();
            TestCluster.await("each other", () -> {
                one.poll(quiet);
                two.poll(quiet);
                return one.nodes().size() == 1 && two.nodes().size() == 1;
            });
            maps(cluster.node(one), cluster.secret);
            announce(one, two, quiet);
            ClusterCounters counters = cluster.node(two).counters();
            System.out.printf(
                    "resyncs %d, mismatches %d, dropped %d; deltas of %.0f changes%n",
                    counters.get(Count.RESYNCS),
                    counters.get(Count.MISMATCHES),
                    counters.dropped(),
                    (double) cluster.node(one).counters().get(Count.CHANGES_SENT)
                            / cluster.node(one).counters().get(Count.DELTAS_SENT));
        }
        System.exit(0);
    }

    private static void maps(ClusterNode node, ClusterSecret secret) {
        IMap<Object, Object> scratch = node.hazelcast().getMap("scratch");
        SegmentMap map = new SegmentMap(scratch, Seals.of(secret).segment(), new ClusterCounters());
        long[] put = new long[ROUNDS];
        long[] delete = new long[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            List<Change> held = new ArrayList<>();
            List<Change> gone = new ArrayList<>();
            for (int i = 0; i < BATCH; i++) {
                SegmentId id = id(round * BATCH + i);
                held.add(Change.held(id, false));
                gone.add(new Change(id, Change.Kind.WITHDRAWN));
            }
            long start = System.nanoTime();
            map.write(7, round, held).join();
            put[round] = System.nanoTime() - start;
            start = System.nanoTime();
            map.write(7, round, gone).join();
            delete[round] = System.nanoTime() - start;
        }
        print("sign and setAll 1,000", put);
        print("delete 1,000", delete);
        for (int i = 0; i < 20; i++) {
            List<Change> held = new ArrayList<>();
            for (int k = 0; k < BATCH; k++) {
                held.add(Change.held(id(i * BATCH + k), false));
            }
            map.write(7, i, held).join();
        }
        long[] read = new long[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            long start = System.nanoTime();
            if (map.read(7).size() != 20 * BATCH) {
                throw new AssertionError("not all read");
            }
            read[round] = System.nanoTime() - start;
        }
        print("read and verify 20,000 of one node", read);
        scratch.destroy();
    }

    private static void announce(Directory one, Directory two, Quiet quiet) {
        for (int round = 0; round < 5; round++) {
            int segments = 20_000;
            long start = System.nanoTime();
            for (int i = 0; i < segments; i++) {
                one.announce(id(i), false);
            }
            one.poll(quiet);
            long handedOver = System.nanoTime() - start;
            TestCluster.await("all of them", () -> {
                two.poll(quiet);
                return !two.holders(id(segments - 1)).isEmpty();
            });
            long seen = System.nanoTime() - start;
            long begin = System.nanoTime();
            Set<SegmentId> found = new HashSet<>();
            for (int i = 0; i < segments; i++) {
                if (!two.holders(id(i)).isEmpty()) {
                    found.add(id(i));
                }
            }
            System.out.printf(
                    "announce 20,000: %.1f ms on the pool's thread, all %d seen by the other after %.0f ms (%.0f/s); look-up %.0f ns%n",
                    handedOver / 1e6,
                    found.size(),
                    seen / 1e6,
                    segments / (seen / 1e9),
                    (double) (System.nanoTime() - begin) / segments);
            for (int i = 0; i < segments; i++) {
                one.withdraw(id(i));
            }
            start = System.nanoTime();
            one.poll(quiet);
            TestCluster.await("none of them", () -> {
                two.poll(quiet);
                return two.holders(id(segments - 1)).isEmpty();
            });
            System.out.printf("withdraw 20,000: unseen after %.0f ms%n", (System.nanoTime() - start) / 1e6);
        }
        long[] alone = new long[200];
        for (int i = 0; i < alone.length; i++) {
            SegmentId id = id(1_000_000 + i);
            long start = System.nanoTime();
            one.announce(id, false);
            one.poll(quiet);
            TestCluster.await("it", () -> {
                two.poll(quiet);
                return !two.holders(id).isEmpty();
            });
            alone[i] = System.nanoTime() - start;
        }
        print("announce one until the other sees it", alone);
    }

    private static SegmentId id(int number) {
        return new SegmentId(number * 0x9E3779B97F4A7C15L, Long.reverse(number), ~number, 1);
    }

    private static void print(String what, long[] nanos) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        System.out.printf(
                "%s: p50 %.2f ms, p99 %.2f ms%n",
                what, sorted[sorted.length / 2] / 1e6, sorted[(int) (sorted.length * 0.99)] / 1e6);
    }

    private static final class Quiet implements Directory.Events {
        @Override
        public void onJoined(int node) {}

        @Override
        public void onLeft(int node) {}

        @Override
        public void onShared(SegmentId id) {}
    }
}
