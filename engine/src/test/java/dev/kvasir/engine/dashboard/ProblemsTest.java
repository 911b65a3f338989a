package dev.kvasir.engine.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.engine.serving.Node;
import dev.kvasir.pool.PoolUsage;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.TierCounters;
import dev.kvasir.pool.TierReport;
import dev.kvasir.scheduler.SchedulerStats;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is wrong is said in words, and no longer than it's so. */
class ProblemsTest {
    private final Problems problems = new Problems(10);

    private static SchedulerStats stats(int waiting, long preemptions, Map<String, Long> failures) {
        PoolUsage usage = new PoolUsage(4, 4, 0, 0, 0, 0, 0, 0, 0);
        return new SchedulerStats(
                0,
                waiting,
                0,
                0,
                0,
                0,
                preemptions,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                List.of(
                        new TierReport(Tier.DEVICE, 400, usage, TierCounters.NONE),
                        new TierReport(Tier.DISK, 400, usage, new TierCounters(0, 0, 0, 0, 0, 0, failures))));
    }

    private String after(int waiting, long preemptions, Map<String, Long> failures, long refused) {
        problems.look(Node.Phase.READY, stats(waiting, preemptions, failures), refused);
        return problems.json().toString();
    }

    @Test
    void aQuietServerHasNone() {
        for (int i = 0; i < 100; i++) {
            assertThat(after(0, 5000, Map.of("io", 17L), 30)).isEqualTo("[]"); // all of that was before
        }
    }

    @Test
    void aFullQueueIsAnError() {
        assertThat(after(10, 0, Map.of(), 0)).contains("error", "queue is full");
        for (int i = 0; i < 31; i++) {
            after(0, 0, Map.of(), 0);
        }
        assertThat(after(0, 0, Map.of(), 0)).isEqualTo("[]");
    }

    @Test
    void aFailingDiskIsNamedFromItsFirstFailureOn() {
        after(0, 0, Map.of(), 0);
        assertThat(after(0, 0, Map.of("write", 1L), 0)).contains("disk tier fails", "write, 1 times");
        assertThat(after(0, 0, Map.of("write", 4L), 0)).contains("write, 4 times");
    }

    @Test
    void requestsThatLoseTheirSlotsAgainAndAgainAreThrashing() {
        after(0, 100, Map.of(), 0);
        assertThat(after(0, 105, Map.of(), 0)).isEqualTo("[]");
        assertThat(after(0, 112, Map.of(), 0)).contains("thrashing");
    }

    @Test
    void aLostNodeIsSaidUntilItIsBack() {
        problems.nodeLost(3, "Node 3 is gone.");
        assertThat(after(0, 0, Map.of(), 0)).contains("Node 3 is gone.");
        problems.nodeBack(3);
        assertThat(after(0, 0, Map.of(), 0)).isEqualTo("[]");
    }
}
