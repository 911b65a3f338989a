package dev.kvasir.pool.placement;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.placement.HeavyHitters.Hitter;
import dev.kvasir.testing.RandomizedTest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class HeavyHittersTest {
    private static final long SECOND = 1_000_000_000L;

    @RandomizedTest
    void boundsHoldAndWhatIsReadMuchIsListed(SplittableRandom random) {
        int counters = 64;
        HeavyHitters hitters = new HeavyHitters(counters, 3);
        Map<SegmentId, Long> exact = new HashMap<>();
        long total = 0;
        for (int epoch = 0; epoch < 3; epoch++) {
            for (int i = 0; i < 20_000; i++) {
                // Density falls with the square: some are hot, thousands are read once.
                double u = random.nextDouble();
                SegmentId id = Cluster.id((long) (5_000 * u * u * u * u));
                int tokens = random.nextInt(1, 65);
                hitters.add(id, tokens);
                exact.merge(id, (long) tokens, Long::sum);
                total += tokens;
            }
            hitters.endEpoch(SECOND);
        }
        Map<SegmentId, Hitter> found = new HashMap<>();
        hitters.hottest().forEach(hitter -> found.put(hitter.id(), hitter));
        found.forEach((id, hitter) -> {
            double rate = exact.get(id) / 3.0;
            assertThat(hitter.least()).isLessThanOrEqualTo(rate + 1e-6);
            assertThat(hitter.most()).isGreaterThanOrEqualTo(rate - 1e-6);
            assertThat(hitter.rate()).isBetween(hitter.least(), hitter.most());
        });
        double sure = 3.5 * total / counters;
        List<SegmentId> hot =
                exact.keySet().stream().filter(id -> exact.get(id) > sure).toList();
        assertThat(hot).isNotEmpty();
        assertThat(found).containsKeys(hot.toArray(new SegmentId[0]));
        assertThat(hitters.totalRate()).isEqualTo(total / 3.0);
        assertThat(hitters.hottest())
                .isSortedAccordingTo((a, b) -> Double.compare(b.rate(), a.rate()))
                .hasSizeLessThanOrEqualTo(counters);
    }

    @Test
    void forgetsWhatWasReadBeforeTheLastWindows() {
        HeavyHitters hitters = new HeavyHitters(8, 2);
        hitters.add(Cluster.id(1), 100);
        assertThat(hitters.hottest()).as("the epoch that goes on").isEmpty();
        hitters.endEpoch(SECOND);
        assertThat(hitters.hottest()).containsExactly(new Hitter(Cluster.id(1), 100, 100, 100));
        hitters.endEpoch(SECOND);
        assertThat(hitters.hottest()).containsExactly(new Hitter(Cluster.id(1), 50, 50, 50));
        hitters.endEpoch(SECOND);
        assertThat(hitters.hottest()).isEmpty();
        assertThat(hitters.totalRate()).isZero();
    }

    @Test
    void ratesAreASecondWhateverAnEpochTakes() {
        HeavyHitters hitters = new HeavyHitters(8, 2);
        hitters.add(Cluster.id(1), 100);
        hitters.endEpoch(SECOND / 4);
        hitters.add(Cluster.id(1), 50);
        hitters.endEpoch(SECOND / 4);
        assertThat(hitters.totalRate()).isEqualTo(300);
    }
}
