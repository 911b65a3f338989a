package dev.kvasir.pool.local;

import static dev.kvasir.pool.local.PoolFixture.ANN;
import static dev.kvasir.pool.local.PoolFixture.BOB;
import static dev.kvasir.pool.local.PoolFixture.tokens;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SegmentIdentity;
import dev.kvasir.pool.SlotAddress;
import dev.kvasir.pool.TenantReport;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.eviction.EvictionPolicies;
import dev.kvasir.pool.eviction.TenantShares;
import dev.kvasir.testing.RandomizedTest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What tenants may do to each other on the device, where each may hold half of 12 slots. */
class TenantQuotaTest {
    private static final int SLOTS = 12;
    private static final int QUOTA = 6;

    private PoolFixture f = fixture(EvictionPolicies.LRU);

    private static PoolFixture fixture(EvictionPolicies kind) {
        return new PoolFixture(SLOTS, new TenantShares(kind::create, SLOTS, 0.5));
    }

    /** Computes a word as a request does, and keeps it pinned. */
    private PinnedPrefix run(SegmentId root, String word) {
        PinnedPrefix prefix = f.match(root, word);
        int missing = word.length() - prefix.segments();
        List<SlotAddress> slots = f.pool.alloc(missing, Tier.DEVICE, root).orElseThrow();
        PinnedPrefix grown = f.pool.insert(prefix, tokens(word), slots);
        f.pool.checkInvariants();
        return grown;
    }

    private void compute(SegmentId root, String word) {
        f.pool.release(run(root, word));
        f.pool.checkInvariants();
    }

    private int held(SegmentId root) {
        return f.pool.report(0).tenants().stream()
                .filter(tenant -> tenant.tenant().equals(SegmentIdentity.tenantAlias(root)))
                .mapToInt(tenant -> tenant.segments().getOrDefault(Tier.DEVICE, 0))
                .sum();
    }

    @ParameterizedTest
    @EnumSource
    void aFloodTakesNothingFromWhoIsBelowItsQuota(EvictionPolicies kind) {
        f = fixture(kind);
        compute(BOB, "quiet");
        for (int i = 0; i < 50; i++) {
            compute(ANN, "" + (char) ('a' + i % 26) + (char) ('a' + i / 26) + "yz");
            assertThat(held(ANN)).isLessThanOrEqualTo(QUOTA);
        }
        assertThat(f.matched(BOB, "quiet")).isEqualTo(5);
        assertThat(held(ANN)).isEqualTo(QUOTA);
    }

    @ParameterizedTest
    @EnumSource
    void manySaltsAreOneTenant(EvictionPolicies kind) {
        f = fixture(kind);
        compute(BOB, "quiet");
        for (int i = 0; i < 50; i++) {
            compute(SegmentIdentity.salted(ANN, ("salt " + i).getBytes(UTF_8)), "abc");
        }
        assertThat(f.matched(BOB, "quiet")).isEqualTo(5);
        assertThat(held(ANN)).isEqualTo(QUOTA);
        assertThat(f.pool.report(0).tenants())
                .extracting(TenantReport::quotaSegments)
                .containsOnly((long) QUOTA);
    }

    @Test
    void whoHoldsItsShareGivesUpItsOwnLeastValuableEvenIfThereIsRoom() {
        compute(ANN, "abc");
        compute(ANN, "xyz");
        assertThat(f.pool.usage(Tier.DEVICE).free()).isEqualTo(6);
        compute(ANN, "q");
        assertThat(f.matched(ANN, "abc")).isEqualTo(2);
        assertThat(f.matched(ANN, "xyz")).isEqualTo(3);
        assertThat(f.matched(ANN, "q")).isEqualTo(1);
        assertThat(f.pool.usage(Tier.DEVICE).free()).isEqualTo(6);
    }

    @Test
    void whatARequestNeedsBeyondTheQuotaGoesFirstAfterwards() {
        compute(BOB, "quiet");
        PinnedPrefix running = run(ANN, "abcdefghij"); // 10 of 6, and 3 of Bob's had to go
        assertThat(held(ANN)).isEqualTo(10);
        assertThat(f.matched(BOB, "quiet")).isEqualTo(2);
        assertThat(f.pool.roomFor(ANN)).isZero();
        f.pool.release(running);
        assertThat(f.pool.roomFor(ANN)).isEqualTo(QUOTA);
        compute(BOB, "quiet");
        assertThat(f.matched(BOB, "quiet")).isEqualTo(5);
        assertThat(f.matched(ANN, "abcdefghij")).isEqualTo(7);
        compute(ANN, "z");
        assertThat(held(ANN)).isEqualTo(QUOTA);
    }

    @Test
    void anAllocationThatCanNotBeHadCostsNothing() {
        compute(ANN, "abcdef");
        PinnedPrefix bobs = run(BOB, "uvwxyz");
        assertThat(f.pool.alloc(7, Tier.DEVICE, ANN)).isEmpty();
        assertThat(f.matched(ANN, "abcdef")).isEqualTo(6);
        f.pool.release(bobs);
    }

    @Test
    void slotsBeingFilledCount() {
        List<SlotAddress> filling = f.pool.alloc(4, Tier.DEVICE, ANN).orElseThrow();
        assertThat(f.pool.roomFor(ANN)).isEqualTo(2);
        assertThat(f.pool.roomFor(BOB)).isEqualTo(QUOTA);
        f.pool.checkInvariants();
        f.pool.free(filling);
        assertThat(f.pool.roomFor(ANN)).isEqualTo(QUOTA);
        f.pool.checkInvariants();
    }

    /**
     * Three tenants with a third of the pool each: what each finds is what it would find if the others weren't there. So what they do can't be told
     * from it.
     */
    @RandomizedTest(20)
    void whereQuotasFitTheTierEachTenantIsAlone(SplittableRandom random) {
        PoolFixture together = new PoolFixture(18, new TenantShares(EvictionPolicies.LRU::create, 18, 0.34));
        Map<SegmentId, PoolFixture> alone = new HashMap<>();
        List<SegmentId> roots = List.of(ANN, BOB, PoolFixture.root("cyd"));
        for (SegmentId root : roots) {
            alone.put(root, new PoolFixture(18, new TenantShares(EvictionPolicies.LRU::create, 18, 0.34)));
        }
        for (int i = 0; i < 400; i++) {
            SegmentId root = roots.get(random.nextInt(3));
            String word = word(random);
            f = together;
            int found = f.matched(root, word);
            compute(root, word);
            assertThat(held(root)).isLessThanOrEqualTo(6);
            f = alone.get(root);
            assertThat(found).isEqualTo(f.matched(root, word));
            compute(root, word);
        }
    }

    private static String word(SplittableRandom random) {
        StringBuilder word = new StringBuilder();
        for (int i = 0; i <= random.nextInt(5); i++) {
            word.append((char) ('a' + random.nextInt(3)));
        }
        return word.toString();
    }
}
