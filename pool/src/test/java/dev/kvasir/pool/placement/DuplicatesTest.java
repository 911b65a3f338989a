package dev.kvasir.pool.placement;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.Placement;
import dev.kvasir.pool.Placement.Copy;
import dev.kvasir.pool.PlacementAction;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.testing.RandomizedTest;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class DuplicatesTest {
    private static final SegmentId ID = Cluster.id(1);

    private final Cluster cluster = new Cluster(Cluster.CONFIG, 3, 100);

    private void hold(int... nodes) {
        for (int node : nodes) {
            cluster.node(node).copies.put(ID, Copy.HOME);
        }
    }

    @Test
    void theLowestNumberKeepsIt() {
        hold(1, 3);
        assertThat(cluster.epoch().values()).as("it may be on the move").allSatisfy(actions -> assertThat(actions)
                .isEmpty());
        assertThat(cluster.epoch()).containsEntry(3, List.of(new PlacementAction.Drop(ID)));
        assertThat(cluster.holders(ID)).containsExactly(cluster.node(1));
    }

    @Test
    void whoLeavesDoesNotKeepIt() {
        hold(1, 3);
        cluster.node(1).draining = true;
        cluster.epoch();
        cluster.epoch();
        assertThat(cluster.holders(ID))
                .as("node 3 may have dropped its own before it knew")
                .hasSize(2);
        cluster.epoch();
        assertThat(cluster.holders(ID)).containsExactly(cluster.node(3));
    }

    @Test
    void whoLeavesKeepsAReplicaWhoseHomeIsGone() {
        hold(1);
        cluster.node(1).copies.put(ID, Placement.Copy.REPLICA);
        cluster.node(1).draining = true;
        for (int i = 0; i < 3; i++) {
            cluster.epoch();
        }
        assertThat(cluster.holders(ID)).hasSize(1).doesNotContain(cluster.node(1));
    }

    @Test
    void aPinnedCopyGoesWhenItIsReleased() {
        hold(1, 2);
        cluster.node(2).pinned.add(ID);
        for (int i = 0; i < 5; i++) {
            cluster.epoch();
        }
        assertThat(cluster.holders(ID)).hasSize(2);
        cluster.node(2).pinned.clear();
        cluster.epoch();
        assertThat(cluster.holders(ID)).containsExactly(cluster.node(1));
        cluster.epoch();
        assertThat(cluster.node(1).placement.duplicates()).isZero();
    }

    @Test
    void aMoveIsNotTakenForADuplicate() {
        hold(2);
        cluster.node(1).copies.put(ID, Copy.HOME); // has just arrived from 2, which will give it up
        cluster.epoch();
        cluster.node(2).copies.remove(ID);
        cluster.epoch();
        assertThat(cluster.holders(ID)).containsExactly(cluster.node(1));
    }

    @Test
    void replicasAreNoDuplicates() {
        hold(2);
        cluster.node(1).copies.put(ID, Copy.REPLICA);
        for (int i = 0; i < Cluster.CONFIG.windows(); i++) {
            cluster.epoch();
        }
        assertThat(cluster.holders(ID)).hasSize(2);
    }

    /** Nodes hear of each other at different times, readers come and go, a node begins to leave. */
    @RandomizedTest(100)
    void oneCopyIsLeftOnceNodesHaveHeardOfEachOther(SplittableRandom random) {
        int count = random.nextInt(2, 7);
        Cluster nodes = new Cluster(Cluster.CONFIG, count, 1_000);
        List<SegmentId> ids = LongStream.range(0, 30).mapToObj(Cluster::id).toList();
        for (SegmentId id : ids) {
            for (Cluster.Node node : nodes.nodes.values()) {
                if (random.nextBoolean()) {
                    node.copies.put(id, Copy.HOME);
                    if (random.nextInt(4) == 0) {
                        node.pinned.add(id);
                    }
                }
            }
        }
        List<SegmentId> held =
                ids.stream().filter(id -> !nodes.holders(id).isEmpty()).toList();
        for (int i = 0; i < 20; i++) {
            Cluster.Node node = nodes.node(random.nextInt(1, count + 1));
            node.pinned.removeIf(id -> random.nextInt(4) == 0);
            // All hear of everything before one decides, as all that is dropped on an old view may be dropped by both.
            nodes.gossip();
            nodes.epochOf(node);
            assertThat(held).allSatisfy(id -> assertThat(nodes.holders(id)).isNotEmpty());
        }
        nodes.nodes.values().forEach(node -> node.pinned.clear());
        for (int i = 0; i < 3; i++) {
            nodes.epoch();
        }
        assertThat(held).allSatisfy(id -> assertThat(nodes.holders(id)).hasSize(1));
    }
}
