package dev.kvasir.scheduler.elastic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.CacheInterface;
import dev.kvasir.pool.CachePlans;
import dev.kvasir.pool.CacheRequest;
import dev.kvasir.pool.CacheView;
import dev.kvasir.pool.NodeStatus;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.scheduler.elastic.ElasticChoice.Decision;
import dev.kvasir.scheduler.elastic.ElasticChoice.Mode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ElasticChoiceTest {
    private static final int SELF = 2;
    private static final StepTimeModel TRUTH = new StepTimeModel(0.005, 1e-3, 1e-7, 1e-6);

    private final List<NodeStatus> nodes = new ArrayList<>();
    private final List<Decision> decisions = new ArrayList<>();

    /** A cache that has nothing, and gives batches the nodes with the lowest numbers, each only once. */
    private final CacheInterface cache = new CacheInterface() {
        @Override
        public CacheView prefixes(List<CacheRequest> requests) {
            return new CacheView(
                    requests.stream()
                            .map(request -> new CacheView.Hit(0, List.of()))
                            .toList(),
                    nodes);
        }

        @Override
        public double load(List<CacheRequest> requests, CacheView view, double idealSeconds) {
            return 0;
        }

        @Override
        public CachePlans plans(List<CacheRequest> requests, CacheView view, List<CachePlans.Batch> batches) {
            List<List<Integer>> groups = new ArrayList<>();
            int next = 0;
            for (CachePlans.Batch batch : batches) {
                groups.add(view.nodes().subList(next, next + batch.degree()).stream()
                        .map(NodeStatus::node)
                        .toList());
                next += batch.degree();
            }
            return new CachePlans(groups, List.of(), List.of(), 0);
        }
    };

    private void node(int number, int running, boolean canCompute, boolean draining) {
        nodes.add(new NodeStatus(number, 100, 100, running, 0, 0, canCompute, draining));
    }

    private ElasticChoice choice(Mode mode) {
        return new ElasticChoice(cache, SELF, new ElasticChoice.Config(mode, 1000), decisions::add);
    }

    private static CacheRequest prompt(int tokens) {
        return new CacheRequest(new SegmentId(1, 2, 3, 4), new int[tokens], 10);
    }

    private static void learn(ElasticChoice choice) {
        for (int i = 1; i < 40; i++) {
            StepWork prefill = StepWork.prefill(i * 31 % 700, i * 17 % 256 + 1);
            choice.onStep(prefill, TRUTH.seconds(prefill, 1));
            StepWork decode = StepWork.decode(i * 13);
            choice.onStep(decode, TRUTH.seconds(decode, 1));
        }
    }

    @Test
    void idleNodesAreUsedWhenThatIsFaster() {
        node(1, 0, true, false);
        node(SELF, 3, true, false); // its own requests don't count
        node(3, 1, true, false); // is busy
        node(4, 0, false, false); // computes nothing
        node(5, 0, true, true); // leaves
        node(6, 0, true, false);
        ElasticChoice choice = choice(Mode.AUTO);
        assertThat(choice.choose(List.of(prompt(3000)))).containsExactly(List.of()); // nothing is known yet
        learn(choice);
        assertThat(choice.choose(List.of(prompt(3000)))).containsExactly(List.of(1, SELF, 6));
        assertThat(choice.together()).isEqualTo(1);
        assertThat(choice.alone()).isEqualTo(1);
        Decision decision = decisions.get(1);
        assertThat(decision.idleNodes()).isEqualTo(3);
        assertThat(decision.newTokens()).isEqualTo(3000);
        assertThat(decision.seconds()).isLessThan(decision.aloneSeconds() / 2);
    }

    @Test
    void whatGroupsHaveLostIsRememberedAndForgottenInTime() {
        node(1, 0, true, false);
        node(SELF, 0, true, false);
        ElasticChoice choice = choice(Mode.AUTO);
        learn(choice);
        assertThat(choice.choose(List.of(prompt(3000))).get(0)).hasSize(2);
        double expected = TRUTH.seconds(StepWork.prefill(0, 3000), 2);
        for (int i = 0; i < 20; i++) {
            choice.onGroup(prompt(3000), 3000, 2, 4 * expected);
        }
        assertThat(choice.choose(List.of(prompt(3000))).get(0)).isEmpty();
        int tries = 0;
        while (choice.choose(List.of(prompt(3000))).get(0).isEmpty()) {
            tries++;
        }
        assertThat(tries).isBetween(20, 200);
    }

    @Test
    void severalPromptsShareTheNodes() {
        for (int node = 1; node <= 6; node++) {
            node(node, 0, true, false);
        }
        ElasticChoice choice = choice(Mode.AUTO);
        learn(choice);
        List<List<Integer>> chosen = choice.choose(List.of(prompt(4000), prompt(4000)));
        for (List<Integer> group : chosen) {
            assertThat(group).contains(SELF).hasSizeGreaterThan(1).doesNotHaveDuplicates();
        }
    }

    @Test
    void ofManyNodesThisOneIsAlwaysAmongThoseThatCompute() {
        for (int node = 100; node > 0; node--) {
            node(node, 0, true, false);
        }
        assertThat(choice(Mode.ALWAYS).choose(List.of(prompt(3000))).get(0))
                .hasSize(32)
                .contains(SELF);
    }

    @Test
    void alwaysMeansAllThatAreIdle() {
        node(1, 0, true, false);
        node(SELF, 0, true, false);
        node(3, 2, true, false);
        assertThat(choice(Mode.ALWAYS).choose(List.of(prompt(1000)))).containsExactly(List.of(1, SELF));
        assertThat(choice(Mode.ALWAYS).isWorthAsking(999)).isFalse();
        assertThat(choice(Mode.ALWAYS).isWorthAsking(1000)).isTrue();
    }
}
