package dev.kvasir.pool.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.Arrival;
import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.Transfer;
import dev.kvasir.pool.TransferId;
import dev.kvasir.pool.transfer.Cluster.Node;
import dev.kvasir.testing.RandomizedTest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;

/**
 * Random things are done to several nodes that compute, evict, send, claim, die and come back. Whatever a node finds has the right bytes, and when all
 * is over nobody holds anything. Where the network loses nothing and nobody dies, every transfer comes to its end.
 */
class TransferModelTest {
    private static final InProcessNetwork.Faults BAD = new InProcessNetwork.Faults(5, 15, 4, 4, true);
    private static final InProcessNetwork.Faults SLOW_AND_TWICE = new InProcessNetwork.Faults(0, 40, 0, 0, true);
    private static final String LETTERS = "ABC";
    private static final int LONGEST = 5;

    @RandomizedTest(60)
    void neverWrong(SplittableRandom random) {
        new Run(random, BAD, true).steps(400);
    }

    @RandomizedTest(60)
    void comesToItsEndWhereNothingIsLost(SplittableRandom random) {
        new Run(random, SLOW_AND_TWICE, false).steps(400);
    }

    @RandomizedTest(60)
    @Tag("nightly")
    void neverWrongForLong(SplittableRandom random) {
        new Run(random, BAD, true).steps(10_000);
    }

    /** A transfer of letters {@code [from, to)} of a word. */
    private record Sent(Transfer transfer, Node to, SegmentId root, String word, int from, boolean indexed) {}

    private record Held(Node node, PinnedPrefix prefix) {}

    private record Claimed(Node node, Arrival arrival, SegmentId root, String word) {}

    private static final class Run {
        private final SplittableRandom random;
        private final boolean deadly;
        private final Cluster cluster;
        private final Map<TransferId, Sent> sent = new HashMap<>();
        private final List<Held> readers = new ArrayList<>();
        private final List<Claimed> claimed = new ArrayList<>();

        Run(SplittableRandom random, InProcessNetwork.Faults faults, boolean deadly) {
            this.random = random;
            this.deadly = deadly;
            cluster = new Cluster(random, faults, random.nextInt(1, 12));
            for (int i = 0; i < 3; i++) {
                int hostSlots = random.nextBoolean() ? 0 : random.nextInt(1, 12);
                cluster.add(Cluster.LAYOUT, random.nextInt(2 * LONGEST, 4 * LONGEST), hostSlots, Cluster.MODEL);
            }
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
                case 3 -> release();
                case 4, 5, 6 -> send();
                case 7 -> node().pool.evict(Tier.DEVICE, random.nextInt(3));
                case 8 -> node().pool.swapOut(random.nextInt(3));
                case 9, 10 -> claim();
                case 11 -> giveUp();
                case 12 -> rarely();
                case 13, 14, 15 -> cluster.runJob();
                case 16, 17, 18 -> node().pool.poll();
                default -> cluster.network.step();
            }
        }

        private void compute() {
            Node node = node();
            node.compute(root(), word()).ifPresent(prefix -> readers.add(new Held(node, prefix)));
            if (readers.size() > 2) {
                release();
            }
        }

        private void release() {
            if (!readers.isEmpty()) {
                Held reader = readers.remove(random.nextInt(readers.size()));
                reader.node.pool.release(reader.prefix);
            }
        }

        private void send() {
            Node from = node();
            Node to = node();
            SegmentId root = root();
            String word = word();
            PinnedPrefix prefix = from.match(root, word);
            int segments = prefix.segments();
            if (segments == 0) {
                from.pool.release(prefix);
                return;
            }
            Sent begun;
            if (random.nextInt(3) > 0) {
                Transfer transfer = from.pool.transferWithInsert(prefix, Cluster.tokens(word), to.number);
                begun = new Sent(transfer, to, root, word.substring(0, segments), 0, true);
            } else {
                int first = random.nextInt(segments);
                Transfer transfer = from.pool.transfer(prefix, first, segments, to.number);
                begun = new Sent(transfer, to, root, word, first, false);
            }
            if (sent.put(begun.transfer.id(), begun) != null) {
                throw new AssertionError("two transfers are named " + begun.transfer.id());
            }
        }

        private void claim() {
            Node node = node();
            List<TransferId> arrivals = node.pool.arrivals();
            if (!arrivals.isEmpty()) {
                TransferId id = arrivals.get(random.nextInt(arrivals.size()));
                Arrival arrival = node.pool.claim(id).orElseThrow();
                Sent known = sent.get(id);
                claimed.add(new Claimed(node, arrival, known.root, known.word));
            }
            if (claimed.size() > 2) {
                free(claimed.remove(0));
            }
        }

        private void free(Claimed old) {
            old.node.check(old.root, old.word, old.arrival.from(), old.arrival.addresses());
            old.node.pool.free(old.arrival.addresses());
        }

        private void giveUp() {
            if (deadly && random.nextInt(3) == 0) {
                sent.values().stream()
                        .filter(s -> !s.transfer.isDone())
                        .findAny()
                        .ifPresent(s -> s.transfer.release());
            }
        }

        private void rarely() {
            if (!deadly) {
                return;
            }
            switch (random.nextInt(4)) {
                case 0 -> cluster.now += Cluster.LEASE / 2;
                case 1 -> cluster.network.kill(node().number);
                case 2 -> cluster.nodes.forEach(node -> cluster.network.revive(node.number));
                default -> cluster.now += 1;
            }
        }

        private void check() {
            Node node = node();
            node.pool.checkInvariants();
            SegmentId root = root();
            node.check(root, word());
            claimed.forEach(c -> c.node.check(c.root, c.word, c.arrival.from(), c.arrival.addresses()));
        }

        private void finish() {
            cluster.settle();
            if (!deadly) {
                for (Sent s : sent.values()) {
                    assertThat(s.transfer.isDone()).as("%s", s.transfer.id()).isTrue();
                    assertThat(s.transfer.refusal().isEmpty()).isEqualTo(s.transfer.segments() > 0);
                }
                assertThat(sent.values().stream().filter(s -> s.transfer.segments() > 0))
                        .isNotEmpty();
            }
            while (!readers.isEmpty()) {
                release();
            }
            claimed.forEach(this::free);
            // Those that wait to be claimed, and those whose other side is gone, end with their lease; what that says
            // may be lost again.
            cluster.passLease();
            cluster.passLease();
            assertThat(sent.values()).allMatch(s -> s.transfer.isDone());
            cluster.checkNothingIsHeld();
        }

        private Node node() {
            return cluster.nodes.get(random.nextInt(cluster.nodes.size()));
        }

        private SegmentId root() {
            return random.nextBoolean() ? Cluster.ANN : Cluster.BOB;
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
