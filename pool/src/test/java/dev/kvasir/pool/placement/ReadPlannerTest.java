package dev.kvasir.pool.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvasir.pool.KvDtype;
import dev.kvasir.pool.KvLayout;
import dev.kvasir.pool.ReadPlan;
import dev.kvasir.pool.ReadPlan.Cost;
import dev.kvasir.pool.ReadPlan.Reason;
import dev.kvasir.pool.ReadPlan.Way;
import dev.kvasir.pool.placement.ReadPlanner.Demand;
import org.junit.jupiter.api.Test;

class ReadPlannerTest {
    private static final Link FAST = new Link(1e9, 0);
    private static final KvLayout MHA = new KvLayout(2, 8, 64, 64, KvDtype.FLOAT32);
    private static final int SEGMENT = 2 * 2 * 8 * 64 * 64 * 4; // bytes

    private static ReadPlan plan(Demand demand, Link link) {
        return new ReadPlanner(MHA, 8, 4).plan(demand, link, null);
    }

    @Test
    void figuresAreThoseOfTheFormula() {
        ReadPlan plan = plan(new Demand(10, 90, 3, 10, 100), new Link(1e6, 500));
        // 100 tokens x 2 layers x 8 heads x (query and output of 64 floats, one logsumexp)
        assertThat(plan.query())
                .isEqualTo(new Cost(
                        100 * 2 * 8 * (2 * 64 * 4 + 4), 2 * 13, 100 * 2 * 8 * (2 * 64 * 4 + 4) * 1e3 + 26 * 500));
        assertThat(plan.fetch()).isEqualTo(new Cost(10L * SEGMENT, 1, 10.0 * SEGMENT * 1e3 + 500));
        assertThat(plan.groupSize()).isEqualTo(1);
        assertThat(plan.segments()).isEqualTo(10);
    }

    @Test
    void aLongPrefixAndFewNewTokensAreQueried() {
        ReadPlan plan = plan(new Demand(100, 64, 1, 16, 1_000), FAST);
        assertThat(plan.way()).isEqualTo(Way.QUERY);
        assertThat(plan.reason()).isEqualTo(Reason.FASTER);
        assertThat(plan.chosen()).isEqualTo(plan.query());
    }

    @Test
    void aShortPrefixAndManyNewTokensAreFetched() {
        ReadPlan plan = plan(new Demand(1, 2_000, 4, 500, 1_000), FAST);
        assertThat(plan.way()).isEqualTo(Way.FETCH);
        assertThat(plan.chosen()).isEqualTo(plan.fetch());
    }

    @Test
    void roundTripsTellAgainstQueries() {
        // The bytes are in favour of queries; 2 layers x 201 round trips of 10 ms are not.
        Demand demand = new Demand(20, 10, 1, 200, 1_000);
        assertThat(plan(demand, FAST).way()).isEqualTo(Way.QUERY);
        assertThat(plan(demand, new Link(1e9, 10e6)).way()).isEqualTo(Way.FETCH);
    }

    @Test
    void groupedQueriesTellInFavourOfSegments() {
        Demand demand = new Demand(10, 400, 1, 100, 1_000);
        KvLayout grouped = new KvLayout(2, 1, 64, 64, KvDtype.FLOAT32);
        assertThat(new ReadPlanner(MHA, 8, 4).plan(demand, FAST, null).way()).isEqualTo(Way.QUERY);
        ReadPlan plan = new ReadPlanner(grouped, 8, 4).plan(demand, FAST, null);
        assertThat(plan.way()).isEqualTo(Way.FETCH);
        assertThat(plan.groupSize()).isEqualTo(8);
    }

    @Test
    void withoutRoomNothingIsFetched() {
        ReadPlan plan = plan(new Demand(2, 2_000, 4, 500, 1), FAST);
        assertThat(plan.way()).isEqualTo(Way.QUERY);
        assertThat(plan.reason()).isEqualTo(Reason.NO_ROOM);
        assertThat(plan.fetch().nanos()).isLessThan(plan.query().nanos());
    }

    @Test
    void eitherCanBeForced() {
        for (Way way : Way.values()) {
            ReadPlan plan = new ReadPlanner(MHA, 8, 4).plan(new Demand(2, 2_000, 4, 500, 1), FAST, way);
            assertThat(plan.way()).isEqualTo(way);
            assertThat(plan.reason()).isEqualTo(Reason.FORCED);
        }
    }

    @Test
    void equalTimesAreQueries() {
        assertThat(plan(new Demand(0, 0, 0, 0, 0), FAST).way()).isEqualTo(Way.QUERY);
    }

    @Test
    void headsMustFitTheKvHeads() {
        assertThatThrownBy(() -> new ReadPlanner(MHA, 12, 4)).hasMessageContaining("12 query heads for 8 KV heads");
    }
}
