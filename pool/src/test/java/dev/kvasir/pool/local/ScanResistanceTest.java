package dev.kvasir.pool.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.eviction.EvictionPolicies;
import dev.kvasir.testing.RandomizedTest;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/** What the policies keep of a hot set: beside a scan, and when the hot set becomes another one. */
class ScanResistanceTest {
    private static final int SLOTS = 320;
    private static final int REQUESTS = 1_000;
    private static final double POINTS = 0.05;

    /** A scan of ten times the pool: prompts of 4 to 12 segments that nobody asks twice, one after each hot request. */
    @RandomizedTest(5)
    void aScanFlushesTheHotSetFromLruButNotFromTinyLfu(SplittableRandom random) {
        Drop lru = dropInScan(EvictionPolicies.LRU, random.split());
        Drop tinyLfu = dropInScan(EvictionPolicies.TINYLFU, random.split());
        assertThat(tinyLfu.during).as("TinyLFU, %s", tinyLfu).isGreaterThan(tinyLfu.before - POINTS);
        assertThat(lru.during).as("LRU, %s", lru).isLessThan(lru.before - 2 * POINTS);
        assertThat(tinyLfu.before).as("without a scan").isGreaterThan(lru.before - POINTS);
    }

    @RandomizedTest(5)
    void aNewHotSetIsAsGoodAsTheOldOneAfterAThousandRequests(SplittableRandom random) {
        for (EvictionPolicies policy : EvictionPolicies.values()) {
            Traffic traffic = new Traffic(policy, random.split());
            HotPrompts old = new HotPrompts(random.split());
            HotPrompts young = new HotPrompts(random.split());
            traffic.rate(REQUESTS, old::next);
            double settled = traffic.rate(REQUESTS, old::next);
            traffic.rate(REQUESTS, young::next);
            double again = traffic.rate(REQUESTS, young::next);
            assertThat(again).as("%s after %s", policy, settled).isGreaterThan(settled - POINTS);
            traffic.pool.checkInvariants();
        }
    }

    private record Drop(double before, double during) {}

    private static Drop dropInScan(EvictionPolicies policy, SplittableRandom random) {
        Traffic traffic = new Traffic(policy, random.split());
        HotPrompts hot = new HotPrompts(random.split());
        traffic.rate(REQUESTS, hot::next);
        double before = traffic.rate(REQUESTS, hot::next);
        long asked = 0;
        long found = 0;
        int scanned = 0;
        while (scanned < 10 * SLOTS) {
            int[] prompt = hot.next();
            asked += prompt.length;
            found += traffic.request(prompt);
            int[] once = HotPrompts.unlike(random, random.nextInt(4, 13));
            traffic.request(once);
            scanned += once.length;
        }
        traffic.pool.checkInvariants();
        return new Drop(before, (double) found / asked);
    }

    /** Requests to a pool, one after the other, each answered by one segment that never comes again. */
    private static final class Traffic {
        private final PoolFixture f;
        private final LocalMemPool pool;
        private final SplittableRandom random;

        Traffic(EvictionPolicies policy, SplittableRandom random) {
            f = new PoolFixture(SLOTS, policy.create(SLOTS));
            pool = f.pool;
            this.random = random;
        }

        /** Returns which share of so many prompts' segments was found. */
        double rate(int requests, Supplier<int[]> prompts) {
            long asked = 0;
            long found = 0;
            for (int i = 0; i < requests; i++) {
                int[] prompt = prompts.get();
                asked += prompt.length;
                found += request(prompt);
            }
            return (double) found / asked;
        }

        /** Returns how many segments of a prompt were found. */
        int request(int[] prompt) {
            int[] tokens = tokens(HotPrompts.join(prompt, HotPrompts.unlike(random, 1)));
            PinnedPrefix prefix = pool.match(PoolFixture.ANN, tokens, tokens.length);
            int found = prefix.segments();
            for (int i = found; i <= prompt.length; i++) {
                prefix = pool.insert(prefix, tokens, f.alloc(1));
            }
            pool.release(prefix);
            return found;
        }

        private static int[] tokens(int[] contents) {
            int[] tokens = new int[contents.length * 16];
            for (int i = 0; i < contents.length; i++) {
                Arrays.fill(tokens, i * 16, (i + 1) * 16, contents[i]);
            }
            return tokens;
        }
    }
}
