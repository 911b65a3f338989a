package dev.kvasir.pool.placement;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.NodeStatus;
import dev.kvasir.pool.Placement.Part;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.testing.RandomizedTest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class HomesTest {
    private static final int RUN = 8;

    private final Loads loads = new Loads();

    private static NodeStatus status(int node, int free, double rate) {
        return new NodeStatus(node, 100, free, 0, 0, rate, true, false);
    }

    private static List<SegmentId> run(int from, int count) {
        return LongStream.range(from, from + count).mapToObj(Cluster::id).toList();
    }

    private Homes homes(double margin) {
        return new Homes(1, margin, margin, RUN, loads);
    }

    @Test
    void staysWhereItWasComputedWhileNobodyIsMuchLessLoaded() {
        loads.update(status(1, 50, 110), List.of(status(2, 60, 100), status(3, 70, 100)));
        assertThat(homes(0.25).homesFor(run(0, 4))).containsExactly(new Part(1, 0, 4));
    }

    @Test
    void goesToTheLeastLoadedBeyondTheMargin() {
        loads.update(status(1, 50, 200), List.of(status(2, 50, 100), status(3, 50, 180)));
        assertThat(homes(0.25).homesFor(run(0, 4))).containsExactly(new Part(2, 0, 4));
    }

    @Test
    void withoutAMarginTheLeastLoadedIsTaken() {
        loads.update(status(1, 50, 101), List.of(status(2, 5, 100), status(3, 50, 101)));
        assertThat(homes(0).homesFor(run(0, 1))).containsExactly(new Part(2, 0, 1));
    }

    @Test
    void amongEquallyLoadedTheEmptiestIsTaken() {
        loads.update(status(1, 0, 100), List.of(status(2, 10, 100), status(3, 80, 100)));
        assertThat(homes(0.25).homesFor(run(0, 4))).containsExactly(new Part(3, 0, 4));
    }

    @Test
    void nothingGoesToANodeThatLeavesOrHoldsNothing() {
        loads.update(
                new NodeStatus(1, 100, 90, 0, 0, 0, true, true),
                List.of(new NodeStatus(2, 0, 0, 0, 0, 0, true, false), status(3, 1, 1_000)));
        assertThat(homes(0.25).homesFor(run(0, 4))).containsExactly(new Part(3, 0, 4));
        loads.update(new NodeStatus(1, 100, 90, 0, 0, 0, true, true), List.of());
        assertThat(homes(0.25).homesFor(run(0, 4))).as("nobody takes it").containsExactly(new Part(1, 0, 4));
    }

    @Test
    void whatWasSentCountsUntilTheNodeSaysSomethingNew() {
        loads.update(status(1, 0, 0), List.of(status(2, 60, 0), status(3, 0, 0)));
        Homes homes = homes(0.25);
        List<Part> parts = homes.homesFor(run(0, 80));
        assertThat(parts.get(0)).isEqualTo(new Part(2, 0, 40));
        assertThat(parts.get(parts.size() - 1).node())
                .as("2 has filled up meanwhile")
                .isEqualTo(1);
        loads.update(status(1, 0, 0), List.of(status(2, 60, 0), status(3, 0, 0)));
        assertThat(homes.homesFor(run(100, 1))).as("it hasn't said so").containsExactly(new Part(1, 0, 1));
        loads.update(status(1, 0, 0), List.of(status(2, 55, 0), status(3, 0, 0)));
        assertThat(homes.homesFor(run(100, 1))).containsExactly(new Part(2, 0, 1));
    }

    @Test
    void equalNodesAreDrawnByIdentity() {
        // 1 is full; 2 to 5 are as good as each other: old figures must not send everything to one of them.
        Map<Integer, Integer> counts = new HashMap<>();
        for (int i = 0; i < 40; i++) {
            double news = 100 + i / 100.0; // else what was sent before would count
            loads.update(
                    status(1, 0, news),
                    List.of(status(2, 90, news), status(3, 90, news), status(4, 90, news), status(5, 90, news)));
            counts.merge(homes(0.25).homesFor(run(1_000 * i, 1)).get(0).node(), 1, Integer::sum);
        }
        assertThat(counts).containsOnlyKeys(2, 3, 4, 5);
        assertThat(counts.values()).allMatch(count -> count >= 4);
    }

    @RandomizedTest(100)
    void partsCoverTheRunOnNodesThatTakeIt(SplittableRandom random) {
        List<NodeStatus> others = new ArrayList<>();
        for (int node = 2; node <= 1 + random.nextInt(1, 6); node++) {
            int slots = random.nextInt(0, 50);
            others.add(new NodeStatus(
                    node, slots, random.nextInt(slots + 1), 0, 0, random.nextInt(1_000), true, random.nextInt(4) == 0));
        }
        loads.update(status(1, random.nextInt(100), random.nextInt(1_000)), others);
        int count = random.nextInt(1, 60);
        List<Part> parts = homes(random.nextInt(3) / 4.0).homesFor(run(random.nextInt(), count));
        int next = 0;
        int last = 0;
        for (Part part : parts) {
            assertThat(part.from()).isEqualTo(next);
            assertThat(part.node()).isNotEqualTo(last);
            assertThat(loads.isKnown(part.node())).isTrue();
            assertThat(loads.isDraining(part.node())).isFalse();
            next = part.to();
            last = part.node();
        }
        assertThat(next).isEqualTo(count);
    }
}
