package dev.kvasir.pool.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvasir.pool.NodeStatus;
import dev.kvasir.pool.dispatch.Assignment.Put;
import dev.kvasir.testing.RandomizedTest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DispatcherTest {
    private static final int SEGMENT_BYTES = 1_000;
    private static final Dispatcher DISPATCHER = new Dispatcher(SEGMENT_BYTES);

    /** Groups and nodes as they may come. */
    private record Work(List<Group> groups, List<Offer> offers) {
        static Work draw(SplittableRandom random, int nodes) {
            List<Group> groups = new ArrayList<>();
            int left = random.nextInt(1, nodes + 1);
            int newSegments = 0;
            while (left > 0) {
                int degree = random.nextInt(1, Math.min(3, left) + 1);
                Map<Integer, Long> local = new HashMap<>();
                long read = 0;
                for (int node = 1; node <= nodes; node++) {
                    if (random.nextInt(3) == 0) {
                        long bytes = random.nextInt(100_000);
                        local.put(node, bytes);
                        read += bytes;
                    }
                }
                groups.add(new Group(degree, random.nextInt(60), read, local));
                newSegments += groups.get(groups.size() - 1).newSegments();
                left -= degree;
            }
            // Room for everything, shared out at random: cuts of a stick.
            int[] cuts = random.ints(nodes - 1, 0, newSegments + 1).sorted().toArray();
            List<Offer> offers = new ArrayList<>();
            int before = 0;
            for (int node = 1; node <= nodes; node++) {
                int cut = node == nodes ? newSegments : cuts[node - 1];
                offers.add(new Offer(node, cut - before, random.nextInt(1_000)));
                before = cut;
            }
            return new Work(groups, offers);
        }

        /** Returns bytes if the nodes are given out in this order. */
        Assignment inOrder(List<Integer> nodes) {
            List<List<Integer>> members = new ArrayList<>();
            int next = 0;
            for (Group group : groups) {
                members.add(nodes.subList(next, next + group.degree()));
                next += group.degree();
            }
            return DISPATCHER.place(groups, offers, members);
        }

        List<Integer> nodes() {
            return new ArrayList<>(offers.stream().map(Offer::node).toList());
        }

        /** Each group in turn takes the nodes that cost least for it alone. */
        Assignment greedy() {
            List<Integer> free = nodes();
            List<Integer> order = new ArrayList<>();
            for (Group group : groups) {
                for (int i = 0; i < group.degree(); i++) {
                    int member = i;
                    int best = free.stream()
                            .min((a, b) -> Long.compare(cost(group, member, a), cost(group, member, b)))
                            .orElseThrow();
                    free.remove((Integer) best);
                    order.add(best);
                }
            }
            return inOrder(order);
        }

        private long cost(Group group, int member, int node) {
            int room = offers.get(node - 1).room();
            return (long) SEGMENT_BYTES * Math.max(0, group.share(member) - room) - group.localBytes(node);
        }

        long bruteForce() {
            return bruteForce(new ArrayList<>(), nodes());
        }

        private long bruteForce(List<Integer> chosen, List<Integer> free) {
            if (chosen.size() == groups.stream().mapToInt(Group::degree).sum()) {
                return inOrder(chosen).bytes();
            }
            long best = Long.MAX_VALUE;
            for (int node : free) {
                List<Integer> more = new ArrayList<>(chosen);
                more.add(node);
                List<Integer> rest = new ArrayList<>(free);
                rest.remove((Integer) node);
                best = Math.min(best, bruteForce(more, rest));
            }
            return best;
        }
    }

    @RandomizedTest(100)
    void noOtherAssignmentHasFewerBytes(SplittableRandom random) {
        Work work = Work.draw(random, random.nextInt(1, 7));
        assertThat(DISPATCHER.assign(work.groups(), work.offers()).bytes()).isEqualTo(work.bruteForce());
    }

    @RandomizedTest(10)
    void moreBytesGoOverLinksByGreedyAndByRandomChoice(SplittableRandom random) {
        long matched = 0;
        long greedy = 0;
        long drawn = 0;
        for (int i = 0; i < 50; i++) {
            Work work = Work.draw(random, 16);
            long bytes = DISPATCHER.assign(work.groups(), work.offers()).bytes();
            long greedyBytes = work.greedy().bytes();
            List<Integer> order = work.nodes();
            Collections.shuffle(order, new Random(random.nextLong()));
            long drawnBytes = work.inOrder(order).bytes();
            assertThat(bytes).isLessThanOrEqualTo(greedyBytes).isLessThanOrEqualTo(drawnBytes);
            matched += bytes;
            greedy += greedyBytes;
            drawn += drawnBytes;
        }
        assertThat(matched).isLessThan(greedy);
        assertThat(greedy).isLessThan(drawn);
    }

    @RandomizedTest(100)
    void everyNewSegmentHasOnePlaceAndNoNodeMoreThanItsRoom(SplittableRandom random) {
        Work work = Work.draw(random, random.nextInt(1, 12));
        Assignment assignment = DISPATCHER.assign(work.groups(), work.offers());
        Map<Integer, Integer> kept = new HashMap<>();
        long moved = 0;
        for (int g = 0; g < work.groups().size(); g++) {
            Group group = work.groups().get(g);
            assertThat(assignment.members().get(g)).hasSize(group.degree());
            assertThat(assignment.puts().get(g).stream().mapToInt(Put::segments).sum())
                    .isEqualTo(group.newSegments());
            for (Put put : assignment.puts().get(g)) {
                assertThat(assignment.members().get(g)).contains(put.from());
                kept.merge(put.to(), put.segments(), Integer::sum);
                moved += put.from() == put.to() ? 0 : put.segments();
            }
        }
        List<Integer> all = assignment.members().stream().flatMap(List::stream).toList();
        assertThat(new HashSet<>(all)).as("a node has one group").hasSameSizeAs(all);
        work.offers()
                .forEach(offer -> assertThat(kept.getOrDefault(offer.node(), 0)).isLessThanOrEqualTo(offer.room()));
        assertThat(assignment.putBytes()).isEqualTo(moved * SEGMENT_BYTES);
    }

    @Test
    void aGroupGoesWhereItsPrefixLiesUnlessAnotherHasMoreThere() {
        Group little = new Group(1, 0, 900, Map.of(1, 500L, 2, 400L));
        Group much = new Group(1, 0, 5_000, Map.of(1, 5_000L));
        List<Offer> offers = List.of(new Offer(1, 0, 0), new Offer(2, 0, 0), new Offer(3, 0, 0));
        Assignment assignment = DISPATCHER.assign(List.of(little, much), offers);
        assertThat(assignment.members()).containsExactly(List.of(2), List.of(1));
        assertThat(assignment.readBytes()).isEqualTo(500);
        assertThat(assignment.putBytes()).isZero();
    }

    @Test
    void newSegmentsStayWithMembersFirstAndThenGoToTheLeastLoaded() {
        Group group = new Group(2, 11, 2_000, Map.of(1, 1_000L, 2, 1_000L));
        List<Offer> offers = List.of(new Offer(1, 2, 9), new Offer(2, 6, 9), new Offer(3, 2, 5), new Offer(4, 1, 1));
        Assignment assignment = DISPATCHER.assign(List.of(group), offers);
        // The greater share goes where there is more room.
        assertThat(assignment.members()).containsExactly(List.of(2, 1));
        assertThat(assignment.puts().get(0))
                .containsExactly(new Put(2, 2, 6), new Put(1, 1, 2), new Put(1, 4, 1), new Put(1, 3, 2));
        assertThat(assignment.putBytes()).isEqualTo(3 * SEGMENT_BYTES);
    }

    @Test
    void withoutRoomAnywhereSegmentsStay() {
        Assignment assignment = DISPATCHER.assign(List.of(new Group(1, 5, 0, Map.of())), List.of(new Offer(1, 0, 0)));
        assertThat(assignment.puts()).containsExactly(List.of(new Put(1, 1, 5)));
        assertThat(assignment.bytes()).isZero();
    }

    @Test
    void noGroupsNeedNothing() {
        assertThat(DISPATCHER.assign(List.of(), List.of(new Offer(1, 0, 0))).bytes())
                .isZero();
    }

    @Test
    void groupsMustFitTheNodes() {
        assertThatThrownBy(() -> DISPATCHER.assign(List.of(new Group(2, 0, 0, Map.of())), List.of(new Offer(1, 0, 0))))
                .hasMessageContaining("1 groups ask for 2 of 1 nodes");
    }

    @Test
    void sixtyFourNodesAreMatched() {
        SplittableRandom random = new SplittableRandom(1);
        Work work = Work.draw(random, 64);
        assertThat(DISPATCHER.assign(work.groups(), work.offers()).bytes())
                .isLessThanOrEqualTo(work.greedy().bytes());
    }

    @RandomizedTest
    void roomIsSharedOutInFull(SplittableRandom random) {
        List<NodeStatus> nodes = IntStream.rangeClosed(1, random.nextInt(1, 9))
                .mapToObj(node -> {
                    int slots = random.nextInt(1, 100);
                    int free = random.nextBoolean() ? random.nextInt(slots + 1) : 0;
                    return new NodeStatus(node, slots, free, 0, 0, random.nextInt(9), true, random.nextInt(4) == 0);
                })
                .toList();
        List<Offer> offers = Offer.of(nodes, 37);
        boolean anyTakes = nodes.stream().anyMatch(node -> !node.draining());
        assertThat(offers.stream().mapToInt(Offer::room).sum()).isEqualTo(anyTakes ? 37 : 0);
        for (int i = 0; i < offers.size(); i++) {
            assertThat(offers.get(i).node()).isEqualTo(nodes.get(i).node());
            if (nodes.get(i).draining()) {
                assertThat(offers.get(i).room()).isZero();
            }
        }
    }
}
