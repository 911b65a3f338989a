package dev.kvasir.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvasir.pool.Directory.Holding;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** What every {@link Directory} keeps. Some tell it at once, some in a while: what must come is waited for, polling. */
public abstract class DirectoryContract {
    private static final int MANY = 3000;

    /** Adds a node to the test's cluster, one that serves the same model as all others. */
    protected abstract Directory join();

    /** Ends a node as a crash would, with no farewell. */
    protected abstract void crash(Directory node);

    private final Map<Integer, Heard> heard = new HashMap<>();

    /** What a node was told. */
    protected static final class Heard implements Directory.Events {
        public final List<Integer> joined = new ArrayList<>();
        public final List<Integer> left = new ArrayList<>();
        public final List<SegmentId> shared = new ArrayList<>();

        @Override
        public void onJoined(int node) {
            joined.add(node);
        }

        @Override
        public void onLeft(int node) {
            left.add(node);
        }

        @Override
        public void onShared(SegmentId id) {
            shared.add(id);
        }
    }

    protected final Heard heard(Directory node) {
        return heard.computeIfAbsent(node.self(), number -> new Heard());
    }

    protected final boolean poll(Directory... nodes) {
        boolean any = false;
        for (Directory node : nodes) {
            any |= node.poll(heard(node));
        }
        return any;
    }

    /** Polls until something is so that is sure to come; the limit only keeps a broken build from hanging. */
    protected final void await(String what, BooleanSupplier isSo, Directory... nodes) {
        long deadline = System.nanoTime() + 60_000_000_000L;
        poll(nodes);
        while (!isSo.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("never came: " + what);
            }
            LockSupport.parkNanos(1_000_000);
            poll(nodes);
        }
    }

    /** Joins so many nodes and waits until each knows all others. */
    protected final Directory[] nodes(int count) {
        Directory[] nodes = new Directory[count];
        for (int i = 0; i < count; i++) {
            nodes[i] = join();
        }
        await("all nodes", () -> everyoneSees(nodes, count - 1), nodes);
        return nodes;
    }

    private static boolean everyoneSees(Directory[] nodes, int others) {
        for (Directory node : nodes) {
            if (node.nodes().size() != others) {
                return false;
            }
        }
        return true;
    }

    protected static SegmentId segment(int number) {
        return SegmentIdentity.next(new SegmentId(1, 2, 3, 4), new int[] {number}, 0, 1);
    }

    private static List<Integer> holders(Directory node, SegmentId id) {
        return node.holders(id).stream().map(Holding::node).toList();
    }

    private static List<Integer> others(Directory node) {
        return node.nodes().stream().map(NodeStatus::node).toList();
    }

    @Test
    void nodesKnowEachOtherButNotThemselves() {
        Directory[] nodes = nodes(3);
        for (Directory node : nodes) {
            List<Integer> expected = new ArrayList<>();
            for (Directory other : nodes) {
                if (other != node) {
                    expected.add(other.self());
                }
            }
            expected.sort(null);
            assertThat(others(node)).isEqualTo(expected);
            assertThat(heard(node).joined).containsExactlyInAnyOrderElementsOf(expected);
            assertThat(heard(node).left).isEmpty();
        }
    }

    @Test
    void numbersArePositiveAndNeverGivenTwice() {
        Directory first = join();
        Directory second = join();
        crash(second);
        Directory third = join();
        assertThat(List.of(first.self(), second.self(), third.self()))
                .allMatch(n -> n >= 1)
                .doesNotHaveDuplicates();
    }

    @Test
    void whatOneHoldsTheOthersKnow() {
        Directory[] nodes = nodes(3);
        nodes[0].announce(segment(1), false);
        await("the holder", () -> !nodes[1].holders(segment(1)).isEmpty(), nodes);
        await("the holder", () -> !nodes[2].holders(segment(1)).isEmpty(), nodes);
        assertThat(nodes[1].holders(segment(1))).containsExactly(new Holding(nodes[0].self(), false));
        assertThat(nodes[0].holders(segment(1))).isEmpty();
        assertThat(nodes[1].holders(segment(2))).isEmpty();
    }

    @Test
    void whatIsWithdrawnIsHeldNoLonger() {
        Directory[] nodes = nodes(2);
        nodes[0].announce(segment(1), false);
        nodes[0].announce(segment(2), false);
        await("the holder", () -> !nodes[1].holders(segment(2)).isEmpty(), nodes);
        nodes[0].withdraw(segment(1));
        await("the end", () -> nodes[1].holders(segment(1)).isEmpty(), nodes);
        assertThat(holders(nodes[1], segment(2))).containsExactly(nodes[0].self());
        nodes[0].announce(segment(1), true);
        await("the new beginning", () -> !nodes[1].holders(segment(1)).isEmpty(), nodes);
        assertThat(nodes[1].holders(segment(1))).containsExactly(new Holding(nodes[0].self(), true));
    }

    @Test
    void whatIsWithdrawnBeforeItWasSentNeverShows() {
        Directory[] nodes = nodes(2);
        nodes[0].announce(segment(1), false);
        nodes[0].withdraw(segment(1));
        nodes[0].withdraw(segment(2)); // never announced
        nodes[0].announce(segment(3), false);
        await("what was said last", () -> !nodes[1].holders(segment(3)).isEmpty(), nodes);
        assertThat(nodes[1].holders(segment(1))).isEmpty();
        assertThat(nodes[1].holders(segment(2))).isEmpty();
    }

    @Test
    void holdersComeInTheOrderOfTheirNumbersAndSayIfTheyAreReplicas() {
        Directory[] nodes = nodes(4);
        nodes[2].announce(segment(1), true);
        nodes[0].announce(segment(1), false);
        nodes[1].announce(segment(1), true);
        await("three holders", () -> nodes[3].holders(segment(1)).size() == 3, nodes);
        assertThat(holders(nodes[3], segment(1))).isSorted();
        assertThat(nodes[3].holders(segment(1)))
                .containsExactlyInAnyOrder(
                        new Holding(nodes[0].self(), false),
                        new Holding(nodes[1].self(), true),
                        new Holding(nodes[2].self(), true));
        nodes[0].withdraw(segment(1));
        nodes[1].announce(segment(1), false);
        await("another copy that counts", () -> nodes[3].holders(segment(1)).size() == 2, nodes);
        await("it", () -> nodes[3].holders(segment(1)).contains(new Holding(nodes[1].self(), false)), nodes);
    }

    @Test
    void aViewChangesWhenItIsPolledOnly() {
        Directory[] nodes = nodes(3);
        nodes[0].announce(segment(1), false);
        await("what the others know", () -> !nodes[1].holders(segment(1)).isEmpty(), nodes[0], nodes[1]);
        assertThat(nodes[2].holders(segment(1))).isEmpty();
        await("what it knows now", () -> !nodes[2].holders(segment(1)).isEmpty(), nodes[2]);
    }

    @Test
    void whoComesLaterLearnsWhatWasSaidBefore() {
        Directory[] nodes = nodes(2);
        nodes[0].announce(segment(1), false);
        nodes[1].announce(segment(1), true);
        nodes[1].announce(segment(2), false);
        await("the first", () -> !nodes[0].holders(segment(2)).isEmpty(), nodes);
        Directory late = join();
        await("both holders", () -> late.holders(segment(1)).size() == 2, nodes[0], nodes[1], late);
        await("the other", () -> late.holders(segment(2)).size() == 1, nodes[0], nodes[1], late);
        assertThat(heard(late).joined).containsExactlyInAnyOrder(nodes[0].self(), nodes[1].self());
    }

    @Test
    void withANodeGoesAllThatItHeld() {
        Directory[] nodes = nodes(3);
        nodes[0].announce(segment(1), false);
        nodes[0].announce(segment(2), false);
        nodes[1].announce(segment(2), true);
        await("two holders", () -> nodes[2].holders(segment(2)).size() == 2, nodes);
        await("one more", () -> nodes[2].holders(segment(1)).size() == 1, nodes);
        crash(nodes[0]);
        await("one holder", () -> heard(nodes[2]).left.size() == 1, nodes[1], nodes[2]);
        assertThat(heard(nodes[2]).left).containsExactly(nodes[0].self());
        assertThat(nodes[2].holders(segment(1))).isEmpty();
        assertThat(holders(nodes[2], segment(2))).containsExactly(nodes[1].self());
        assertThat(others(nodes[2])).containsExactly(nodes[1].self());
    }

    @Test
    void whoHoldsASegmentHearsWhenAnotherDoesToo() {
        Directory[] nodes = nodes(3);
        nodes[0].announce(segment(1), false);
        nodes[0].announce(segment(2), false);
        await("the holder", () -> !nodes[1].holders(segment(2)).isEmpty(), nodes);
        nodes[1].announce(segment(1), false);
        nodes[1].announce(segment(3), false);
        await("the second", () -> !nodes[0].holders(segment(3)).isEmpty(), nodes);
        await("the second", () -> !nodes[2].holders(segment(3)).isEmpty(), nodes);
        assertThat(heard(nodes[0]).shared).containsExactly(segment(1));
        assertThat(heard(nodes[2]).shared).isEmpty();
        nodes[1].announce(segment(1), true); // of another kind now
        await("that", () -> nodes[0].holders(segment(1)).contains(new Holding(nodes[1].self(), true)), nodes);
        assertThat(heard(nodes[0]).shared).containsExactly(segment(1), segment(1));
    }

    @Test
    void whatANodeSaysOfItselfTheOthersHear() {
        Directory[] nodes = nodes(2);
        NodeStatus busy = new NodeStatus(nodes[0].self(), 100, 7, 3, 2, 12.5, true, true);
        nodes[0].report(busy);
        await("its status", () -> nodes[1].nodes().contains(busy), nodes);
        NodeStatus idle = new NodeStatus(nodes[0].self(), 100, 100, 0, 0, 0, true, false);
        nodes[0].report(idle);
        await("its next", () -> nodes[1].nodes().contains(idle), nodes);
        assertThat(nodes[1].nodes()).hasSize(1);
        assertThatThrownBy(() -> nodes[1].report(idle))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(String.valueOf(nodes[0].self()));
    }

    @Test
    void manySegmentsAtOnceAllArrive() {
        Directory[] nodes = nodes(2);
        for (int i = 0; i < MANY; i++) {
            nodes[0].announce(segment(i), i % 3 == 0);
        }
        await("all", () -> count(nodes[1], MANY) == MANY, nodes);
        for (int i = 0; i < MANY; i++) {
            assertThat(nodes[1].holders(segment(i))).containsExactly(new Holding(nodes[0].self(), i % 3 == 0));
            if (i % 2 == 0) {
                nodes[0].withdraw(segment(i));
            }
        }
        await("half of them", () -> count(nodes[1], MANY) == MANY / 2, nodes);
    }

    private static int count(Directory node, int segments) {
        int found = 0;
        for (int i = 0; i < segments; i++) {
            found += node.holders(segment(i)).size();
        }
        return found;
    }

    /** Does what may happen in any order, and waits until each view is what all have said. */
    protected final void viewsBecomeWhatWasSaid(SplittableRandom random, int actions) {
        List<Directory> nodes = new ArrayList<>(List.of(nodes(3)));
        Map<Integer, Map<SegmentId, Boolean>> said = new HashMap<>();
        nodes.forEach(node -> said.put(node.self(), new HashMap<>()));
        for (int i = 0; i < actions; i++) {
            Directory node = nodes.get(random.nextInt(nodes.size()));
            SegmentId id = segment(random.nextInt(40));
            switch (random.nextInt(5)) {
                case 0, 1 -> {
                    boolean replica = random.nextBoolean();
                    node.announce(id, replica);
                    said.get(node.self()).put(id, replica);
                }
                case 2 -> {
                    node.withdraw(id);
                    said.get(node.self()).remove(id);
                }
                default -> poll(node);
            }
            if (i == actions / 3) {
                Directory late = join();
                said.put(late.self(), new HashMap<>());
                nodes.add(late);
            } else if (i == actions / 2) {
                Directory gone = nodes.remove(random.nextInt(nodes.size()));
                said.remove(gone.self());
                crash(gone);
            }
        }
        Directory[] all = nodes.toArray(new Directory[0]);
        for (Directory node : nodes) {
            await("what all have said", () -> view(node).equals(expected(said, node.self())), all);
        }
    }

    private static Map<SegmentId, List<Holding>> view(Directory node) {
        Map<SegmentId, List<Holding>> view = new HashMap<>();
        for (int i = 0; i < 40; i++) {
            view.put(segment(i), node.holders(segment(i)));
        }
        return view;
    }

    private static Map<SegmentId, List<Holding>> expected(Map<Integer, Map<SegmentId, Boolean>> said, int self) {
        Map<SegmentId, List<Holding>> expected = new HashMap<>();
        for (int i = 0; i < 40; i++) {
            SegmentId id = segment(i);
            List<Holding> holders = new ArrayList<>();
            said.forEach((node, held) -> {
                if (node != self && held.containsKey(id)) {
                    holders.add(new Holding(node, held.get(id)));
                }
            });
            holders.sort((a, b) -> Integer.compare(a.node(), b.node()));
            expected.put(id, holders);
        }
        return expected;
    }
}
