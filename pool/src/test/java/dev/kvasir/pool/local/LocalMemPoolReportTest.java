package dev.kvasir.pool.local;

import static dev.kvasir.pool.local.PoolFixture.ANN;
import static dev.kvasir.pool.local.PoolFixture.BOB;
import static dev.kvasir.pool.local.PoolFixture.LAYOUT;
import static dev.kvasir.pool.local.PoolFixture.tokens;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.PoolReport;
import dev.kvasir.pool.PrefixReport;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SegmentIdentity;
import dev.kvasir.pool.TenantReport;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.TierCounters;
import dev.kvasir.pool.TierReport;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the pool tells who operates it, and what it does for them. */
class LocalMemPoolReportTest {
    private final PoolFixture f = new PoolFixture(16);
    private final LocalMemPool pool = f.pool;

    @AfterEach
    void booksAreInOrder() {
        pool.checkInvariants();
    }

    @Test
    void anEmptyPoolHasItsTierAndNothingElse() {
        assertThat(pool.report(20))
                .isEqualTo(new PoolReport(
                        List.of(new TierReport(Tier.DEVICE, 16L * LAYOUT.segmentBytes(), f.usage(), TierCounters.NONE)),
                        List.of(),
                        List.of()));
    }

    @Test
    void prefixesThatWereFoundMostComeFirst() {
        f.store(ANN, "ABC");
        f.store(ANN, "ABD");
        f.store(BOB, "X");
        find(ANN, "ABD", 2);
        find(BOB, "X", 5);

        assertThat(pool.report(20).topPrefixes())
                .containsExactly(
                        prefix(BOB, "X", 5),
                        prefix(ANN, "AB", 3), // once more when ABD was stored
                        prefix(ANN, "ABD", 2),
                        prefix(ANN, "ABC", 0));
        assertThat(pool.report(2).topPrefixes()).containsExactly(prefix(BOB, "X", 5), prefix(ANN, "AB", 3));
        assertThat(pool.report(0).topPrefixes()).isEmpty();
    }

    @Test
    void ofEquallyMuchFoundPrefixesTheLongestComesFirst() {
        f.store(ANN, "A");
        f.store(BOB, "XYZ");
        assertThat(pool.report(1).topPrefixes()).containsExactly(prefix(BOB, "XYZ", 0));
    }

    @Test
    void segmentsAreCountedByRoot() {
        f.store(ANN, "ABC");
        f.store(ANN, "AD");
        f.store(BOB, "XYZUVW");
        pool.release(f.match(PoolFixture.root("nobody"), "Q"));
        PinnedPrefix reader = f.match(PoolFixture.root("reader"), "Q"); // a root with a reader and no segments

        assertThat(pool.report(0).tenants()).containsExactly(tenant(BOB, 6), tenant(ANN, 4));
        pool.release(reader);
    }

    @Test
    void lookUpsAreCountedInSegments() {
        f.store(ANN, "ABC"); // nothing is there: 3 misses
        f.store(ANN, "ABD"); // 2 hits, a miss
        f.matched(ANN, "ABD"); // only asked
        assertThat(pool.tiers().get(0).counters()).isEqualTo(new TierCounters(2, 32, 4, 0, 0, 0, Map.of()));
    }

    @Test
    void aPromptThatMayReuseNothingIsNotLookedUp() {
        f.store(ANN, "A");
        TierCounters before = pool.tiers().get(0).counters();
        pool.release(pool.match(ANN, tokens("A"), 16));
        assertThat(pool.tiers().get(0).counters()).isSameAs(before);
    }

    @Test
    void aLookUpThatIsGivenUpDoesNotCount() {
        f.store(ANN, "ABC");
        find(ANN, "AB", 1);
        PoolReport before = pool.report(20);
        pool.giveUp(f.match(ANN, "ABD"));
        pool.giveUp(f.match(ANN, "X"));
        assertThat(pool.report(20)).isEqualTo(before);
    }

    @Test
    void whatWasGrownOrReleasedCannotBeGivenUp() {
        PinnedPrefix grown = f.compute(ANN, "AB");
        assertThatIllegalStateException()
                .isThrownBy(() -> pool.giveUp(grown))
                .withMessage("a prefix of 2 segments was grown and can't be given up");
        pool.release(grown);
        assertThatIllegalStateException().isThrownBy(() -> pool.giveUp(grown));
    }

    @Test
    void evictsTheLeastValuableFirst() {
        f.store(ANN, "AB");
        f.store(BOB, "XY");
        assertThat(pool.evict(Tier.DEVICE, 3)).isEqualTo(3);
        assertThat(f.matched(ANN, "AB")).isZero();
        assertThat(f.matched(BOB, "XY")).isEqualTo(1);
        assertThat(f.usage().evicted()).isEqualTo(3);
        assertThat(pool.tiers().get(0).counters().evictions()).isEqualTo(3);
    }

    @Test
    void evictsAllButWhatIsPinned() {
        f.store(ANN, "ABCD");
        PinnedPrefix reader = f.match(ANN, "AB");
        assertThat(pool.evict(Tier.DEVICE, Integer.MAX_VALUE)).isEqualTo(2);
        assertThat(pool.evict(Tier.DEVICE, 1)).isZero();
        pool.release(reader);
        assertThat(pool.evict(Tier.DEVICE, 1)).isEqualTo(1);
        assertThat(f.matched(ANN, "AB")).isEqualTo(1);
    }

    @Test
    void evictingNoneDoesNothing() {
        f.store(ANN, "A");
        assertThat(pool.evict(Tier.DEVICE, 0)).isZero();
        assertThat(f.matched(ANN, "A")).isEqualTo(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pool.evict(Tier.DEVICE, -1))
                .withMessage("cannot evict -1 segments");
        assertThatIllegalArgumentException().isThrownBy(() -> pool.evict(Tier.DISK, 1));
    }

    private void find(SegmentId root, String word, int times) {
        for (int i = 0; i < times; i++) {
            pool.release(f.match(root, word));
        }
    }

    private static PrefixReport prefix(SegmentId root, String word, int hits) {
        SegmentId id = root;
        for (int i = 0; i < word.length(); i++) {
            id = SegmentIdentity.next(id, tokens(word), i * 16, (i + 1) * 16);
        }
        return new PrefixReport(
                SegmentIdentity.alias(id), SegmentIdentity.tenantAlias(root), word.length() * 16, hits, Tier.DEVICE);
    }

    private static TenantReport tenant(SegmentId root, int segments) {
        return new TenantReport(
                SegmentIdentity.tenantAlias(root), Map.of(Tier.DEVICE, segments), TenantReport.NO_QUOTA);
    }
}
