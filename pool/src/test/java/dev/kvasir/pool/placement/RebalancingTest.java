package dev.kvasir.pool.placement;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.Placement.Copy;
import dev.kvasir.pool.PlacementAction;
import dev.kvasir.pool.SegmentId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class RebalancingTest {
    private static final int MOST = Cluster.CONFIG.movesPerEpoch();

    private final Cluster cluster = new Cluster(Cluster.CONFIG, 3, 100);

    private List<SegmentId> hold(int node, int from, int count) {
        List<SegmentId> ids =
                LongStream.range(from, from + count).mapToObj(Cluster::id).toList();
        ids.forEach(id -> cluster.node(node).copies.put(id, Copy.HOME));
        return ids;
    }

    private static long moves(List<PlacementAction> actions) {
        return actions.stream().filter(PlacementAction.Move.class::isInstance).count();
    }

    @Test
    void aNodeThatIsReadTooMuchGivesSegmentsAwayUntilLoadsAreWithinTheMargin() {
        List<SegmentId> busy = hold(1, 0, 60);
        hold(2, 100, 60);
        hold(3, 200, 60);
        for (int epoch = 0; epoch < 12; epoch++) {
            busy.forEach(id -> cluster.read(id, 1_000));
            assertThat(moves(cluster.epoch().get(1))).isLessThanOrEqualTo(MOST);
        }
        double mean = 60_000 / 3.0;
        for (Cluster.Node node : cluster.nodes.values()) {
            assertThat(node.placement.accessRate()).isLessThanOrEqualTo(mean * 1.3);
        }
        assertThat(cluster.nodes.values().stream()
                        .mapToInt(node -> node.copies.size())
                        .sum())
                .as("nothing was copied or lost")
                .isEqualTo(180);
    }

    @Test
    void balancedNodesMoveNothing() {
        List<SegmentId> all = new ArrayList<>(hold(1, 0, 60));
        all.addAll(hold(2, 100, 60));
        all.addAll(hold(3, 200, 60));
        for (int epoch = 0; epoch < 5; epoch++) {
            all.forEach(id -> cluster.read(id, 1_000));
            assertThat(cluster.epoch().values())
                    .allSatisfy(actions -> assertThat(actions).isEmpty());
        }
    }

    @Test
    void aNodeThatJoinsIsFilledByThoseThatAreFull() {
        hold(1, 0, 100);
        hold(2, 100, 100);
        hold(3, 200, 100);
        cluster.epoch();
        cluster.join(4, 100);
        for (int epoch = 0; epoch < 20; epoch++) {
            Map<Integer, List<PlacementAction>> decided = cluster.epoch();
            assertThat(decided.values())
                    .allSatisfy(actions -> assertThat(actions).hasSizeLessThanOrEqualTo(MOST));
        }
        int held = cluster.node(4).copies.size();
        assertThat(held).isBetween(25, 75);
        int before = held;
        cluster.epoch();
        assertThat(cluster.node(4).copies).as("it has settled").hasSize(before);
        assertThat(cluster.nodes.values().stream()
                        .mapToInt(node -> node.copies.size())
                        .sum())
                .isEqualTo(300);
    }

    @Test
    void aNodeThatLeavesHandsOverAllThatIsNowhereElse() {
        List<SegmentId> all = hold(1, 0, 90);
        SegmentId replica = Cluster.id(500);
        cluster.node(2).copies.put(replica, Copy.HOME);
        cluster.node(1).copies.put(replica, Copy.REPLICA);
        cluster.node(1).draining = true;
        int epochs = 0;
        while (!cluster.node(1).copies.isEmpty() && epochs < 10) {
            List<PlacementAction> decided = cluster.epoch().get(1);
            assertThat(moves(decided)).isLessThanOrEqualTo(Cluster.CONFIG.leavingMovesPerEpoch());
            epochs++;
        }
        assertThat(epochs).isEqualTo(2);
        assertThat(all).allSatisfy(id -> assertThat(cluster.holders(id)).hasSize(1));
        assertThat(cluster.holders(replica)).containsExactly(cluster.node(2));
        assertThat(cluster.node(2).copies.size()).isBetween(30, 60);
    }

    @Test
    void theLastNodeKeepsWhatItHasWhenItLeaves() {
        Cluster alone = new Cluster(Cluster.CONFIG, 1, 100);
        alone.node(1).copies.put(Cluster.id(1), Copy.HOME);
        alone.node(1).draining = true;
        assertThat(alone.epoch().get(1)).isEmpty();
    }
}
