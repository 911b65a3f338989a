package dev.kvasir.benchmarks.eviction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.kvasir.pool.eviction.EvictionPolicies;
import dev.kvasir.pool.eviction.LruPolicy;
import dev.kvasir.testing.RandomizedTest;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PoolReplayTest {
    /** Prompts of few different contents, so that they share prefixes of all lengths. */
    private static List<Request> someRequests(SplittableRandom random) {
        List<Request> requests = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            long[] segments = random.longs(random.nextInt(1, 9), 0, 3).toArray();
            requests.add(new Request("all", random.nextInt(segments.length + 1), segments));
        }
        return requests;
    }

    @RandomizedTest(5)
    void aPoolWithRoomForAllFindsWhatWasThereBefore(SplittableRandom random) {
        List<Request> requests = someRequests(random);
        double ceiling = PoolReplay.ceiling(requests).rate("all");
        for (EvictionPolicies policy : EvictionPolicies.values()) {
            HitCounts counts = PoolReplay.replay(requests, policy.create(3_000), 3_000, 4);
            assertThat(counts.rate("all")).isEqualTo(ceiling);
        }
    }

    @RandomizedTest(5)
    void aSmallPoolFindsLess(SplittableRandom random) {
        List<Request> requests = someRequests(random);
        double ceiling = PoolReplay.ceiling(requests).rate("all");
        for (EvictionPolicies policy : EvictionPolicies.values()) {
            HitCounts counts = PoolReplay.replay(requests, policy.create(40), 40, 4);
            assertThat(counts.rate("all")).isStrictlyBetween(0.0, ceiling);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theSameTrafficGivesTheSameCounts(EvictionPolicies policy) {
        List<Request> requests = someRequests(new SplittableRandom(1));
        assertThat(PoolReplay.replay(requests, policy.create(40), 40, 4).rate("all"))
                .isEqualTo(PoolReplay.replay(requests, policy.create(40), 40, 4).rate("all"));
    }

    @Test
    void countsByHand() {
        long[] prompt = {1, 2, 3};
        List<Request> requests = List.of(
                new Request(Request.WARM_UP, 3, prompt),
                new Request("a", 2, new long[] {1, 2, 9}), // 2 found of 2; the answer isn't asked for
                new Request("b", 3, new long[] {1, 2, 9}), // all of it, the answer of before being prompt now
                new Request("b", 1, new long[] {4})); // nothing
        HitCounts counts = PoolReplay.replay(requests, new LruPolicy(), 10, 1);
        assertThat(counts.groups()).containsExactly("a", "b");
        assertThat(counts.rate("a")).isEqualTo(1.0);
        assertThat(counts.rate("b")).isEqualTo(0.75);
        assertThat(counts.asked("b")).isEqualTo(4);
        assertThat(counts.requests("b")).isEqualTo(2);
    }

    @Test
    void aRequestThatDoesNotFitIsRefused() {
        List<Request> requests = List.of(new Request("all", 5, new long[5]));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PoolReplay.replay(requests, new LruPolicy(), 3, 1))
                .withMessageContaining("3 slots");
    }
}
