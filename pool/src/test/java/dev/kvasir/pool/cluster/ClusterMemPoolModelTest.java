package dev.kvasir.pool.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.Move;
import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.loan.LoanLimits;
import dev.kvasir.testing.RandomizedTest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;

/**
 * Random things are done to several nodes that compute, read, evict, crash, fall silent and join. Whatever a prefix says it has, here or on loan, has the right
 * bytes. When all is over nobody holds anything, each directory says what there is, and each segment lies on one node. Where nobody crashes or evicts,
 * whatever was computed is still somewhere.
 */
class ClusterMemPoolModelTest {
    private static final String LETTERS = "ABC";
    private static final int LONGEST = 4;

    @RandomizedTest(20)
    void neverWrong(SplittableRandom random) {
        new Run(random, true).steps(500);
    }

    @RandomizedTest(20)
    void nothingIsLostWhereThereIsRoom(SplittableRandom random) {
        new Run(random, false).steps(500);
    }

    @RandomizedTest(20)
    @Tag("nightly")
    void neverWrongForLong(SplittableRandom random) {
        new Run(random, random.nextBoolean()).steps(5_000);
    }

    private record Reader(PoolNode node, PinnedPrefix prefix, String word) {}

    private record Moving(PoolNode node, Move move) {}

    private static final class Run {
        private final SplittableRandom random;
        private final boolean deadly;
        private final PoolCluster cluster;
        private final List<Reader> readers = new ArrayList<>();
        private final List<Moving> moves = new ArrayList<>();
        private final Set<PoolNode> silent = new HashSet<>();
        private final Set<SegmentId> computed = new HashSet<>();

        Run(SplittableRandom random, boolean deadly) {
            this.random = random;
            this.deadly = deadly;
            LoanLimits limits = new LoanLimits(
                    random.nextInt(1, 6),
                    random.nextInt(1, 8),
                    deadly ? random.nextInt(12) : 1000,
                    PoolCluster.LEASE,
                    PoolCluster.PATIENCE);
            cluster = new PoolCluster(random, limits);
            cluster.fetches = random.nextBoolean();
            for (int i = random.nextInt(2, 5); i > 0; i--) {
                cluster.add(slots());
            }
        }

        private int slots() {
            return deadly ? random.nextInt(4 * LONGEST, 8 * LONGEST) : 400; // of 120 segments that there can be
        }

        void steps(int count) {
            for (int i = 0; i < count; i++) {
                step();
                check();
            }
            finish();
        }

        private void step() {
            switch (random.nextInt(24)) {
                case 0, 1, 2 -> compute();
                case 3, 4 -> release();
                case 5, 6, 7 -> bring();
                case 8 -> endMove();
                case 9 -> cluster.now += random.nextLong(PoolCluster.EPOCH);
                case 10 -> hot();
                case 11 -> rarely();
                case 12, 13, 14 -> cluster.runJob();
                case 15, 16, 17, 18 -> node().pool.poll();
                default -> {
                    for (int i = random.nextInt(1, 6); i > 0; i--) {
                        cluster.deliverFrame();
                    }
                }
            }
        }

        private void compute() {
            if (readers.size() > 2) {
                release();
            }
            PoolNode node = node();
            String word = word();
            node.compute(word).ifPresent(prefix -> {
                readers.add(new Reader(node, prefix, word));
                for (int i = 1; i <= word.length(); i++) {
                    computed.add(PoolCluster.id(word.substring(0, i)));
                }
            });
        }

        private void release() {
            if (!readers.isEmpty()) {
                Reader reader = readers.remove(random.nextInt(readers.size()));
                reader.node.pool.release(reader.prefix);
            }
        }

        private void bring() {
            PoolNode node = node();
            moves.add(new Moving(node, node.bring(word())));
            if (moves.size() > 3) {
                endMove();
            }
        }

        private void endMove() {
            if (!moves.isEmpty()) {
                moves.remove(random.nextInt(moves.size())).move.release();
            }
        }

        /** Asks for the same thing so often that it's worth copies. */
        private void hot() {
            PoolNode node = node();
            for (int i = 0; i < 20; i++) {
                PinnedPrefix prefix = node.match("A");
                if (random.nextBoolean()) {
                    node.pool.release(prefix);
                } else {
                    node.pool.giveUp(prefix);
                }
            }
        }

        private void rarely() {
            if (random.nextInt(4) == 0) {
                drain(node());
            }
            if (!deadly) {
                return;
            }
            PoolNode node = node();
            switch (random.nextInt(6)) {
                case 0 -> node.pool.evict(Tier.DEVICE, random.nextInt(4));
                case 1 -> {
                    silent.add(node);
                    cluster.wires.cut(node.number);
                }
                case 2 -> mend();
                case 3 -> cluster.wires.notice(node.number);
                case 4 -> {
                    if (cluster.nodes.size() > 2) {
                        crash(node);
                    }
                }
                default -> {
                    if (cluster.nodes.size() < 4) {
                        cluster.add(slots());
                    }
                }
            }
        }

        private void mend() {
            silent.forEach(node -> cluster.wires.mend(node.number));
            silent.clear();
        }

        /** Has a node take its leave: it ends its requests, and goes once it has handed over what it holds. */
        private void drain(PoolNode node) {
            if (cluster.nodes.stream().filter(other -> !other.draining).count() > 2) {
                node.draining = true;
            }
            for (PoolNode leaving : List.copyOf(cluster.nodes)) {
                if (leaving.draining && readers.stream().noneMatch(reader -> reader.node == leaving)) {
                    moves.stream().filter(moving -> moving.node == leaving).forEach(moving -> moving.move.release());
                    moves.removeIf(moving -> moving.node == leaving);
                    // Who knows of nobody yet has nobody to hand anything over to.
                    if (!leaving.directory.nodes().isEmpty() && leaving.pool.isHandedOver()) {
                        leaving.pool.close();
                        crash(leaving);
                    }
                }
            }
        }

        private void crash(PoolNode node) {
            cluster.bury(node);
            silent.remove(node);
            readers.removeIf(reader -> reader.node == node);
            moves.removeIf(moving -> moving.node == node);
        }

        private void check() {
            node().pool.checkInvariants();
            for (Reader reader : List.copyOf(readers)) {
                boolean intact = reader.prefix.isIntact() && reader.node.read(reader.prefix, reader.word);
                if (!intact) {
                    assertThat(reader.prefix.isIntact()).isFalse();
                    readers.remove(reader);
                    reader.node.pool.release(reader.prefix);
                }
            }
        }

        private void finish() {
            mend();
            if (deadly) {
                // Where all that are left leave, nobody has anybody to leave anything to.
                cluster.nodes.forEach(node -> node.draining = false);
            }
            while (!readers.isEmpty()) {
                release();
            }
            while (!moves.isEmpty()) {
                endMove();
            }
            cluster.rest();
            cluster.checkNothingIsHeld();
            Map<SegmentId, List<Integer>> holders = cluster.holders();
            assertThat(holders).allSatisfy((id, nodes) -> assertThat(nodes).hasSize(1));
            if (!deadly) {
                assertThat(holders.keySet()).isEqualTo(computed);
            }
        }

        private PoolNode node() {
            return cluster.nodes.get(random.nextInt(cluster.nodes.size()));
        }

        private String word() {
            StringBuilder word = new StringBuilder();
            for (int i = random.nextInt(1, LONGEST + 1); i > 0; i--) {
                word.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
            }
            return word.toString();
        }
    }
}
