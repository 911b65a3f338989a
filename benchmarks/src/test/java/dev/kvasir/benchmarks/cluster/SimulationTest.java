package dev.kvasir.benchmarks.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.KvDtype;
import dev.kvasir.pool.KvLayout;
import dev.kvasir.pool.ReadPlan.Way;
import dev.kvasir.pool.placement.Link;
import dev.kvasir.scheduler.routing.RoutingPolicies;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SimulationTest {
    private static final Workload WORKLOAD = DocumentChats.draw(7, 120, 3);
    private static final int WORKING_SET = WORKLOAD.workingSet();

    private static SimConfig config(double memory, boolean pooled, RoutingPolicies routing, @Nullable Way way) {
        int slots = (int) (memory * WORKING_SET / 4);
        KvLayout layout = new KvLayout(12, 2, 32, 64, KvDtype.FLOAT32);
        return new SimConfig(
                4, slots, 16, pooled, routing, layout, 6, new Link(1e9, 1e5), way, 2e-4, 1e-2, 0.25, 10, 1);
    }

    private static SimCounts run(double memory, boolean pooled, RoutingPolicies routing) {
        return Simulation.run(config(memory, pooled, routing, null), WORKLOAD);
    }

    private static double oneBigNode(double memory) {
        SimConfig one = config(memory, false, RoutingPolicies.ROUND_ROBIN, null).asOneBigNode();
        return Simulation.run(one, WORKLOAD).hitRate();
    }

    @ParameterizedTest
    @EnumSource
    void aPoolFindsNearlyWhatOneBigCacheFindsWhereverRequestsGo(RoutingPolicies routing) {
        // By queries: what is fetched takes slots while it is read.
        SimCounts pool = Simulation.run(config(0.5, true, routing, Way.QUERY), WORKLOAD);
        double big = oneBigNode(0.5);
        assertThat(pool.hitRate()).isBetween(0.93 * big, 1.03 * big);
        assertThat(pool.duplicatesLeft).isZero();
    }

    @Test
    void withoutAPoolRequestsThatGoRoundFindLessAndMuchIsThereTwice() {
        SimCounts own = run(0.5, false, RoutingPolicies.ROUND_ROBIN);
        SimCounts pool = run(0.5, true, RoutingPolicies.ROUND_ROBIN);
        assertThat(own.hitRate()).isLessThan(0.8 * pool.hitRate());
        assertThat(own.duplicatesLeft).isGreaterThan(100);
        assertThat(own.remoteTokens + own.queryBytes + own.fetchBytes + own.putBytes + own.replicateBytes)
                .isZero();
    }

    @Test
    void cacheAwareRoutingFindsMoreInCachesOfTheirOwnThanRoundRobin() {
        assertThat(run(1, false, RoutingPolicies.CACHE_AWARE).hitRate())
                .isGreaterThan(run(1, false, RoutingPolicies.ROUND_ROBIN).hitRate());
    }

    @Test
    void withRoomForEverythingThePoolFindsWhatCanBeFound() {
        double big = oneBigNode(3);
        assertThat(run(3, true, RoutingPolicies.POOLED).hitRate()).isBetween(0.98 * big, 1.02 * big);
    }

    @Test
    void bytesAreThoseOfTheWayThatIsForced() {
        SimCounts query = Simulation.run(config(1, true, RoutingPolicies.ROUND_ROBIN, Way.QUERY), WORKLOAD);
        SimCounts fetch = Simulation.run(config(1, true, RoutingPolicies.ROUND_ROBIN, Way.FETCH), WORKLOAD);
        assertThat(query.fetchBytes).isZero();
        assertThat(query.queryBytes).isPositive();
        assertThat(fetch.queryBytes).isZero();
        assertThat(fetch.fetchBytes).isEqualTo(fetch.remoteTokens / 64 * (2 * 12 * 2 * 32 * 64 * 4));
    }

    @Test
    void theSameSeedGivesTheSameCounts() {
        Workload again = DocumentChats.draw(7, 120, 3);
        assertThat(again.workingSet()).isEqualTo(WORKING_SET);
        assertThat(SimReport.json(List.of(new SimRow(
                        "a", 50, 1, "b", "c", Simulation.run(config(0.5, true, RoutingPolicies.POOLED, null), again)))))
                .isEqualTo(SimReport.json(
                        List.of(new SimRow("a", 50, 1, "b", "c", run(0.5, true, RoutingPolicies.POOLED)))));
    }
}
