package dev.kvasir.scheduler.batching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.CachedTokens;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.eviction.LruPolicy;
import dev.kvasir.pool.local.BufferSlotStorage;
import dev.kvasir.pool.store.MemoryStore;
import dev.kvasir.pool.tiered.Mover;
import dev.kvasir.pool.tiered.TieredMemPool;
import dev.kvasir.pool.tiered.WritePolicy;
import dev.kvasir.runner.SamplingParams;
import dev.kvasir.scheduler.PrefetchConfig;
import dev.kvasir.scheduler.PrefetchConfig.Patience;
import dev.kvasir.scheduler.SchedulerConfig;
import dev.kvasir.testing.RandomizedTest;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;

/** Prompts whose prefix lies below the device, and copies that end when the test says so. */
class PrefetchTest {
    private static final int SEGMENT = 16;
    private static final int PROMPT = 10 * SEGMENT;
    private static final long TIMEOUT_NANOS = 1_000_000;

    /** Runs copies at once, or keeps them. */
    private static final class Copies implements Executor {
        private final List<Runnable> kept = new ArrayList<>();
        private boolean keep;

        @Override
        public void execute(Runnable job) {
            if (keep) {
                kept.add(job);
            } else {
                job.run();
            }
        }

        void end() {
            keep = false;
            List.copyOf(kept).forEach(Runnable::run);
            kept.clear();
        }
    }

    private final Copies copies = new Copies();

    private Harness harness(int slots, Patience patience) {
        SchedulerConfig config = new SchedulerConfig(64, 8, 100, 32, 512, new PrefetchConfig(patience, TIMEOUT_NANOS));
        return new Harness(
                SEGMENT,
                slots,
                config,
                runner -> new TieredMemPool(
                        runner.kvLayout(),
                        0,
                        runner.kvStorage(),
                        new LruPolicy(),
                        List.of(new TieredMemPool.Below(
                                Tier.HOST,
                                new MemoryStore(BufferSlotStorage.heap(runner.kvLayout(), 1_000)),
                                new LruPolicy())),
                        WritePolicy.THROUGH,
                        2,
                        new Mover(copies, () -> 0, () -> {})));
    }

    private static RecordingSink serve(Harness harness, int family) {
        RecordingSink sink = harness.submit(Harness.prompt(family, PROMPT), 4);
        harness.stepUntilIdle();
        harness.assertServed(sink);
        return sink;
    }

    /** Leaves the prompt of family 1 in the host tier alone. */
    private Harness withOneBelow(Patience patience) {
        // Room for a prompt beside the slots that copies of it hold until they end.
        Harness harness = harness(24, patience);
        serve(harness, 1);
        serve(harness, 2);
        serve(harness, 3);
        serve(harness, 4);
        assertThat(harness.pool.matchedTokens(Harness.TENANT_A, Harness.prompt(1, PROMPT), PROMPT))
                .isZero();
        return harness;
    }

    private static CachedTokens cached(RecordingSink sink) {
        assertThat(sink.stats).isNotNull();
        return sink.stats.cachedTokens();
    }

    @Test
    void whatTheDeviceLostIsBroughtBack() {
        Harness harness = withOneBelow(Patience.WAIT);
        long computed = harness.scheduler.stats().computedTokens();
        RecordingSink again = serve(harness, 1);
        assertThat(cached(again)).isEqualTo(new CachedTokens(0, 9 * SEGMENT, 0, 0));
        // The last segment of the prompt, which is never taken from a cache, and all but the last of what was
        // generated.
        assertThat(harness.scheduler.stats().computedTokens() - computed).isEqualTo(SEGMENT + 3);
    }

    @Test
    void whoWaitsIsPassedByOthers() {
        Harness harness = withOneBelow(Patience.WAIT);
        copies.keep = true;
        RecordingSink waiting = harness.submit(Harness.prompt(1, PROMPT), 4);
        RecordingSink other = harness.submit(Harness.prompt(3, 2 * SEGMENT), 4);
        harness.steps(50);
        harness.assertServed(other);
        assertThat(waiting.isPrefilled()).isFalse();
        assertThat(harness.step()).as("nothing to do but wait").isFalse();
        assertThat(harness.scheduler.hasWork()).isTrue();
        copies.end();
        harness.stepUntilIdle();
        harness.assertServed(waiting);
        assertThat(cached(waiting).host()).isEqualTo(9 * SEGMENT);
    }

    @Test
    void bestEffortDoesNotWait() {
        Harness harness = withOneBelow(Patience.BEST_EFFORT);
        copies.keep = true;
        RecordingSink sink = harness.submit(Harness.prompt(1, PROMPT), 4);
        harness.stepUntilPrefilled(sink);
        assertThat(sink.cachedTokens).isZero();
        copies.end();
        harness.stepUntilIdle();
        harness.assertServed(sink);
    }

    @Test
    void patienceEnds() {
        Harness harness = withOneBelow(Patience.TIMEOUT);
        copies.keep = true;
        RecordingSink sink = harness.submit(Harness.prompt(1, PROMPT), 4);
        harness.steps(50);
        assertThat(sink.isPrefilled()).isFalse();
        harness.nanos += TIMEOUT_NANOS;
        harness.stepUntilPrefilled(sink);
        assertThat(sink.cachedTokens).isZero();
        copies.end();
        harness.stepUntilIdle();
        harness.assertServed(sink);
    }

    @Test
    void whatComesInTwoMovesIsOfTheHostAllTheSame() {
        Harness harness = withOneBelow(Patience.WAIT);
        RecordingSink longer = harness.submit(Harness.prompt(5, PROMPT), 20);
        RecordingSink other = harness.submit(Harness.prompt(6, 6 * SEGMENT), 40);
        harness.stepUntilPrefilled(longer);
        harness.stepUntilPrefilled(other);
        RecordingSink sink = harness.submit(Harness.prompt(1, PROMPT), 4);
        harness.steps(3);
        assertThat(sink.isPrefilled()).as("there is room for a part only").isFalse();
        harness.stepUntilIdle();
        harness.assertServed(sink);
        assertThat(cached(sink)).isEqualTo(new CachedTokens(0, 9 * SEGMENT, 0, 0));
    }

    /** One tenant asks families 1 to 5, another one 6. */
    private static RecordingSink submit(Harness harness, int family) {
        SegmentId root = family == 6 ? new SegmentId(1, 0, 0, 7) : Harness.TENANT_A;
        return harness.submit(harness.request(
                root, Harness.prompt(family, PROMPT), SamplingParams.GREEDY, 4, 0, Harness.IGNORE_END, -1));
    }

    @Test
    void aFloodOfOneTenantLeavesAPlaceToOthers() {
        Harness harness = harness(80, Patience.WAIT);
        for (int family = 1; family <= 6; family++) {
            submit(harness, family);
            harness.stepUntilIdle();
        }
        harness.pool.evict(Tier.DEVICE, 80);
        copies.keep = true;
        List<RecordingSink> sinks = new ArrayList<>();
        for (int family = 1; family <= 6; family++) {
            sinks.add(submit(harness, family));
        }
        harness.steps(3);
        copies.end();
        harness.stepUntilIdle();
        assertThat(cached(sinks.get(5)).host()).isEqualTo(9 * SEGMENT);
    }

    @Test
    void copiesThatHoldTheRoomOfWhoDoesNotWaitForThemAreDropped() {
        Harness harness = harness(12, Patience.TIMEOUT);
        serve(harness, 1);
        harness.pool.evict(Tier.DEVICE, 12);
        copies.keep = true;
        RecordingSink sink = harness.submit(Harness.prompt(1, PROMPT), 4);
        harness.steps(3);
        harness.nanos += TIMEOUT_NANOS;
        harness.steps(3);
        assertThat(sink.isPrefilled()).as("the slots are still being written").isFalse();
        copies.end();
        harness.stepUntilIdle();
        harness.assertServed(sink);
        assertThat(cached(sink)).isEqualTo(CachedTokens.NONE);
        assertThat(harness.usage().moving()).isZero();
    }

    @Test
    void copiesAreKeptWhileOthersHoldTheRoom() {
        Harness harness = withOneBelow(Patience.BEST_EFFORT);
        RecordingSink longer = harness.submit(Harness.prompt(5, PROMPT), 20);
        RecordingSink other = harness.submit(Harness.prompt(6, 6 * SEGMENT), 40);
        harness.stepUntilPrefilled(longer);
        harness.stepUntilPrefilled(other);
        copies.keep = true;
        RecordingSink sink = harness.submit(Harness.prompt(1, PROMPT), 4);
        harness.steps(3);
        assertThat(sink.isPrefilled()).isFalse();
        copies.end();
        harness.stepUntilIdle();
        harness.assertServed(sink);
        assertThat(cached(sink).host()).as("what there was room for").isPositive();
    }

    @Test
    void whoIsCancelledWhileWaitingLeavesNothing() {
        Harness harness = withOneBelow(Patience.WAIT);
        copies.keep = true;
        RecordingSink sink = harness.submit(Harness.prompt(1, PROMPT), 4);
        harness.steps(3);
        harness.scheduler.cancel(sink.request.id());
        harness.step();
        assertThat(sink.isFinished()).isTrue();
        copies.end();
        harness.step();
        assertThat(harness.usage().moving()).isZero();
        assertThat(harness.usage().pinned()).isZero();
    }

    @RandomizedTest(20)
    void everybodyIsServedInTheEnd(SplittableRandom random) {
        Patience patience = Patience.values()[random.nextInt(3)];
        // Little more than the longest sequence: those that wait and those that run are in each other's way.
        Harness harness = harness(random.nextInt(13, 20), patience);
        List<RecordingSink> sinks = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            sinks.add(harness.submit(
                    Harness.prompt(random.nextInt(8), random.nextInt(1, PROMPT)), random.nextInt(1, 30)));
            for (int steps = random.nextInt(6); steps > 0; steps--) {
                harness.step();
            }
        }
        for (int i = 0; harness.scheduler.hasWork(); i++) {
            assertThat(i).as("steps without an end").isLessThan(20_000);
            harness.step();
            harness.nanos += TIMEOUT_NANOS / 10;
        }
        sinks.forEach(harness::assertServed);
        assertThat(harness.usage().moving()).isZero();
        assertThat(harness.usage().pinned()).isZero();
    }
}
