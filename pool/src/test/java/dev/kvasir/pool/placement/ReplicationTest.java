package dev.kvasir.pool.placement;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.Placement.Copy;
import dev.kvasir.pool.PlacementAction;
import dev.kvasir.pool.SegmentId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReplicationTest {
    private static final SegmentId HOT = Cluster.id(0);
    private static final int COLD = 40; // on each node

    private final Cluster cluster = fill(new Cluster(Cluster.CONFIG, 4, 100));

    private static Cluster fill(Cluster cluster) {
        cluster.node(1).copies.put(HOT, Copy.HOME);
        cluster.nodes.forEach((number, node) -> {
            for (int i = 0; i < COLD; i++) {
                node.copies.put(Cluster.id(1_000L * number + i), Copy.HOME);
            }
        });
        return cluster;
    }

    /** Lets an epoch pass in which the hot segment has so much of all reads. */
    private Map<Integer, List<PlacementAction>> epoch(double share) {
        int cold = 1_000;
        cluster.nodes.forEach((number, node) -> {
            for (int i = 0; i < COLD; i++) {
                node.placement.onRead(Cluster.id(1_000L * number + i), cold);
            }
        });
        double others = 4.0 * COLD * cold;
        cluster.read(HOT, (int) (others * share / (1 - share)));
        return cluster.epoch();
    }

    private int copies() {
        return cluster.holders(HOT).size();
    }

    @Test
    void countsAreInProportionToTheRate() {
        assertThat(Replication.copies(0, 1_000, 4, 0.1)).isEqualTo(1);
        assertThat(Replication.copies(25, 1_000, 4, 0.1)).isEqualTo(1);
        assertThat(Replication.copies(26, 1_000, 4, 0.1)).isEqualTo(2);
        assertThat(Replication.copies(75, 1_000, 4, 0.1)).isEqualTo(3);
        assertThat(Replication.copies(900, 1_000, 4, 0.1)).isEqualTo(4);
        assertThat(Replication.copies(900, 0, 4, 0.1)).isEqualTo(1);
    }

    @Test
    void aHotSegmentIsReplicatedInProportionAndTheColdOnesAreNot() {
        for (int i = 0; i < 8; i++) {
            epoch(0.07); // above 1 / (4 * 4 ln 4) = 0.045: 0.07 * 4 / 0.1 = 2.8
        }
        assertThat(copies()).isEqualTo(3);
        assertThat(cluster.nodes.values().stream()
                        .mapToInt(node -> node.copies.size())
                        .sum())
                .isEqualTo(4 * COLD + 3);
    }

    @Test
    void copiesThatTakeTheirTimeAreNotMadeTwice() {
        cluster.replicaDelay = 2;
        for (int i = 0; i < 12; i++) {
            epoch(0.07);
            assertThat(copies()).isLessThanOrEqualTo(3);
        }
        assertThat(copies()).isEqualTo(3);
    }

    @Test
    void whatIsReadLikeEverythingElseIsNotReplicated() {
        for (int i = 0; i < 6; i++) {
            epoch(1.0 / (4 * COLD + 1));
        }
        assertThat(copies()).isEqualTo(1);
    }

    @Test
    void replicasStayUntilTheRateHasHalvedAndThenGo() {
        for (int i = 0; i < 8; i++) {
            epoch(0.3);
        }
        assertThat(copies()).isEqualTo(4);
        for (int i = 0; i < 8; i++) {
            epoch(0.06); // wants 3, but twice of it wants 4
        }
        assertThat(copies()).isEqualTo(4);
        for (int i = 0; i < 8; i++) {
            epoch(0.03);
        }
        assertThat(copies()).as("0.06 wants 3").isEqualTo(3);
        for (int i = 0; i < 8; i++) {
            epoch(0.001);
        }
        assertThat(copies()).isEqualTo(1);
        assertThat(cluster.node(1).copyOf(HOT)).isEqualTo(Copy.HOME);
    }

    @Test
    void replicasTakeNoMoreMemoryThanTheyMay() {
        for (int i = 0; i < 12; i++) {
            for (int hot = 0; hot < 30; hot++) {
                SegmentId id = Cluster.id(5_000 + hot);
                if (i == 0) {
                    cluster.node(1).copies.put(id, Copy.HOME);
                }
                cluster.read(id, 3_000_000);
            }
            epoch(0.01);
            int replicas = cluster.nodes.values().stream()
                    .mapToInt(node -> node.replicas().size())
                    .sum();
            assertThat(replicas).isLessThanOrEqualTo(10 * 4);
            assertThat(cluster.nodes.values())
                    .allSatisfy(node -> assertThat(node.copies.size()).isLessThanOrEqualTo(100));
        }
    }

    @Test
    void aReplicaBecomesTheHomeWhenThatIsGone() {
        for (int i = 0; i < 8; i++) {
            epoch(0.3);
        }
        cluster.nodes.remove(1);
        cluster.epoch();
        assertThat(cluster.node(2).copyOf(HOT)).isEqualTo(Copy.HOME);
        assertThat(cluster.node(3).copyOf(HOT)).isEqualTo(Copy.REPLICA);
        assertThat(cluster.node(4).copyOf(HOT)).isEqualTo(Copy.REPLICA);
        for (int i = 0; i < 8; i++) {
            cluster.epoch();
        }
        assertThat(cluster.holders(HOT)).as("nobody reads it any more").containsExactly(cluster.node(2));
    }

    @Test
    void aloneThereIsNothingToReplicate() {
        Cluster alone = new Cluster(Cluster.CONFIG, 1, 100);
        alone.node(1).copies.put(HOT, Copy.HOME);
        alone.read(HOT, 1_000_000);
        assertThat(alone.epoch().get(1)).isEmpty();
    }

    @Test
    void nothingIsDecidedWithinAnEpoch() {
        cluster.read(HOT, 1_000_000);
        cluster.gossip();
        assertThat(cluster.node(1).placement.poll()).isEmpty();
    }
}
