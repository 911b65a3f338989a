package dev.kvasir.scheduler.batching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.eviction.EvictionPolicies;
import dev.kvasir.pool.eviction.TenantShares;
import dev.kvasir.pool.local.LocalMemPool;
import dev.kvasir.runner.SamplingParams;
import dev.kvasir.scheduler.GenerationRequest;
import dev.kvasir.scheduler.SchedulerConfig;
import dev.kvasir.testing.RandomizedTest;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Requests of tenants that may hold 16 of 32 slots of 16 tokens each. */
class TenantQuotaTest {
    private static final int SLOTS = 32;
    private static final SegmentId LOUD = new SegmentId(1, 0, 0, 1);
    private static final SegmentId QUIET = new SegmentId(2, 0, 0, 2);

    private final Harness h = new Harness(
            16,
            SLOTS,
            new SchedulerConfig(64, 8, 100, 32, 512),
            runner -> new LocalMemPool(
                    runner.kvLayout(),
                    0,
                    runner.kvStorage(),
                    new TenantShares(EvictionPolicies.LRU::create, SLOTS, 0.5)));

    private RecordingSink submit(SegmentId root, int family, int prompt, int maxTokens) {
        return h.submit(request(root, family, prompt, maxTokens));
    }

    private GenerationRequest request(SegmentId root, int family, int prompt, int maxTokens) {
        return h.request(
                root, Harness.prompt(family, prompt), SamplingParams.GREEDY, maxTokens, 0, Harness.IGNORE_END, -1);
    }

    private int cached(SegmentId root, int family, int prompt) {
        return h.pool.matchedTokens(root, Harness.prompt(family, prompt), prompt);
    }

    @Test
    void requestsThatRunAtOnceStayBelowTheirTenantsQuota() {
        RecordingSink quiet = submit(QUIET, 1, 200, 1);
        h.stepUntilIdle();
        h.assertServed(quiet);
        List<RecordingSink> loud = new ArrayList<>();
        for (int family = 2; family < 10; family++) {
            loud.add(submit(LOUD, family, 150, 20)); // 11 slots each: one at a time
        }
        while (h.scheduler.hasWork()) {
            h.step();
            assertThat(h.scheduler.stats().running()).isLessThanOrEqualTo(1);
        }
        loud.forEach(h::assertServed);
        assertThat(cached(QUIET, 1, 200)).isEqualTo(192);
    }

    @Test
    void othersPassWhoWaitsForItsOwnTenant() {
        submit(LOUD, 1, 150, 60);
        h.step();
        RecordingSink second = submit(LOUD, 2, 150, 1);
        RecordingSink quiet = submit(QUIET, 3, 100, 1);
        h.stepUntilPrefilled(quiet);
        assertThat(second.isPrefilled()).isFalse();
        h.stepUntilIdle();
        h.assertServed(second);
        h.assertServed(quiet);
    }

    @Test
    void aRequestThatIsLongerThanTheQuotaIsServedAlone() {
        RecordingSink first = submit(LOUD, 1, 400, 20); // 27 slots
        RecordingSink second = submit(LOUD, 2, 400, 20);
        h.stepUntilIdle();
        h.assertServed(first);
        h.assertServed(second);
    }

    @Test
    void whatGrowsBeyondTheQuotaGivesWay() {
        RecordingSink first = submit(LOUD, 1, 60, 150); // 5 slots and up to 14
        RecordingSink second = submit(LOUD, 2, 60, 150);
        RecordingSink quiet = submit(QUIET, 3, 60, 1);
        h.stepUntilIdle();
        h.assertServed(first);
        h.assertServed(second);
        h.assertServed(quiet);
        assertThat(h.scheduler.stats().preemptions()).isPositive();
        assertThat(cached(QUIET, 3, 60)).isEqualTo(48);
    }

    @RandomizedTest(20)
    void whateverComesIsServed(SplittableRandom random) {
        List<RecordingSink> sinks = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            SegmentId root = new SegmentId(random.nextInt(4), 0, 0, random.nextInt(3));
            sinks.add(submit(root, random.nextInt(6), 1 + random.nextInt(350), 1 + random.nextInt(80)));
            h.steps(random.nextInt(5));
        }
        h.stepUntilIdle();
        sinks.forEach(h::assertServed);
    }
}
