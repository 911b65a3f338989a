package dev.kvasir.scheduler.elastic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.kvasir.scheduler.elastic.ElasticPlan.Batch;
import dev.kvasir.testing.RandomizedTest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ElasticPlannerTest {
    private static final StepTimeModel MODEL = new StepTimeModel(0.002, 1e-4, 1e-7, 1e-7);
    private static final ElasticPlanner PLANNER = new ElasticPlanner(MODEL);

    private static ElasticRequest request(int prefix, int newTokens, double target) {
        return new ElasticRequest(prefix, newTokens, target);
    }

    @Test
    void aLongPromptGetsNodesOfItsOwn() {
        List<ElasticRequest> requests = new ArrayList<>();
        requests.add(request(0, 20_000, 1e9));
        for (int i = 0; i < 6; i++) {
            requests.add(request(0, 50, 1e9));
        }
        ElasticPlan plan = PLANNER.plan(requests, 4, 0);
        Batch last = plan.batches().get(plan.batches().size() - 1);
        assertThat(last.requests()).containsExactly(0);
        assertThat(last.nodes()).isEqualTo(4 - (plan.batches().size() - 1));
        assertThat(last.nodes()).isGreaterThan(1);
        assertThat(plan.meetsTargets()).isTrue();
    }

    @Test
    void targetsAreMetAtTheExpenseOfTheSum() {
        // Alone on its node each is in time; together they wouldn't be, and with two nodes for one the other has none.
        List<ElasticRequest> requests = List.of(request(0, 1_000, 0.16), request(0, 1_001, 0.16));
        ElasticPlan plan = PLANNER.plan(requests, 2, 0);
        assertThat(plan.batches()).extracting(Batch::nodes).containsExactly(1, 1);
        assertThat(plan.meetsTargets()).isTrue();
    }

    @Test
    void targetsThatCannotBeMetDoNotCount() {
        List<ElasticRequest> requests = List.of(request(0, 10_000, 0.01), request(0, 100, 1));
        ElasticPlan plan = PLANNER.plan(requests, 2, 0);
        assertThat(plan.meetsTargets()).isFalse();
        assertThat(plan.batches().stream().flatMap(batch -> batch.requests().stream()))
                .containsExactly(1, 0);
    }

    @Test
    void whatTheCacheTakesMakesEverythingSlower() {
        List<ElasticRequest> requests = List.of(request(500, 1_000, 1e9));
        double idle = PLANNER.plan(requests, 1, 0).waitSeconds();
        assertThat(PLANNER.plan(requests, 1, 0.5).waitSeconds()).isCloseTo(2 * idle, within(1e-9));
        assertThat(idle).isCloseTo(0.002 + 1_000 * 1e-4 + 1_000 * (500 + 500) * 1e-7, within(1e-9));
    }

    @Test
    void theIdealIsEverythingAtOnceWithoutPrefixes() {
        List<ElasticRequest> requests = List.of(request(500, 1_000, 1), request(7, 100, 1));
        assertThat(PLANNER.idealSeconds(requests, 4))
                .isCloseTo(0.002 + (1_100 * 1e-4 + (1_000 * 500 + 100 * 50) * 1e-7) / 4, within(1e-12));
    }

    @RandomizedTest
    void theOrderInWhichRequestsComeDoesNotMatter(SplittableRandom random) {
        List<ElasticRequest> requests = new ArrayList<>();
        for (int i = 0; i < random.nextInt(1, 20); i++) {
            requests.add(request(random.nextInt(4_000), random.nextInt(1, 4_000), random.nextDouble(0.05, 3)));
        }
        ElasticPlan plan = PLANNER.plan(requests, 5, 0.1);
        List<ElasticRequest> shuffled = new ArrayList<>(requests);
        Collections.shuffle(shuffled, new Random(random.nextLong()));
        assertThat(PLANNER.plan(shuffled, 5, 0.1).waitSeconds()).isCloseTo(plan.waitSeconds(), within(1e-9));
        List<Integer> planned = new ArrayList<>(plan.batches().stream()
                .flatMap(batch -> batch.requests().stream())
                .toList());
        for (int i = 1; i < planned.size(); i++) {
            assertThat(requests.get(planned.get(i)).context())
                    .isGreaterThanOrEqualTo(requests.get(planned.get(i - 1)).context());
        }
        Collections.sort(planned);
        assertThat(planned)
                .isEqualTo(IntStream.range(0, requests.size()).boxed().toList());
        if (plan.meetsTargets()) {
            for (Batch batch : plan.batches()) {
                for (int index : batch.requests()) {
                    assertThat(batch.seconds())
                            .isLessThanOrEqualTo(requests.get(index).targetSeconds());
                }
            }
        }
    }

    @Test
    void thereIsAlwaysANodeAndSomethingLeftOfIt() {
        assertThatThrownBy(() -> PLANNER.plan(List.of(), 0, 0)).hasMessageContaining("0 nodes");
        assertThatThrownBy(() -> PLANNER.plan(List.of(), 1, 1)).hasMessageContaining("cache load of 1.0");
    }
}
