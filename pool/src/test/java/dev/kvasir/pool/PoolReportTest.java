package dev.kvasir.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a pool says of itself can't be contradictory, and names nobody. */
class PoolReportTest {
    private static final SegmentId ID = new SegmentId(1, 2, 3, 4);
    private static final String ALIAS = SegmentIdentity.alias(ID);
    private static final PoolUsage USAGE = new PoolUsage(10, 3, 2, 0, 5, 1, 0, 0, 0);

    @Test
    void anAliasIsSixteenDigitsOfADigestAndNotOfTheIdentity() {
        assertThat(ALIAS).matches("[0-9a-f]{16}").isEqualTo(SegmentIdentity.alias(new SegmentId(1, 2, 3, 4)));
        assertThat(ID.toString()).doesNotContain(ALIAS);
        assertThat(ALIAS).isNotEqualTo(SegmentIdentity.alias(new SegmentId(1, 2, 3, 5)));
    }

    @Test
    void aReportTakesNothingButAliases() {
        for (String name : List.of("", "alice", ID.toString(), ALIAS.toUpperCase(java.util.Locale.ROOT) + "A")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new PrefixReport(name, ALIAS, 16, 0, Tier.DEVICE))
                    .withMessage("an alias has 16 hexadecimal digits");
            assertThatIllegalArgumentException().isThrownBy(() -> new PrefixReport(ALIAS, name, 16, 0, Tier.DEVICE));
            assertThatIllegalArgumentException().isThrownBy(() -> new TenantReport(name, Map.of(), 1));
        }
    }

    @Test
    void cachedTokensAddUpTierByTier() {
        CachedTokens both = new CachedTokens(1, 20, 300, 4000).plus(CachedTokens.ofDevice(4));
        assertThat(both).isEqualTo(new CachedTokens(5, 20, 300, 4000));
        assertThat(both.total()).isEqualTo(4325);
        assertThat(List.of(both.of(Tier.DEVICE), both.of(Tier.HOST), both.of(Tier.DISK), both.of(Tier.REMOTE)))
                .containsExactly(5, 20, 300, 4000);
        assertThat(CachedTokens.NONE.total()).isZero();
        assertThatIllegalArgumentException().isThrownBy(() -> new CachedTokens(0, -1, 0, 0));
    }

    @Test
    void countsThatCantBeAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> counters(-1, 0, Map.of()));
        assertThatIllegalArgumentException().isThrownBy(() -> counters(2, 1, Map.of()));
        assertThatIllegalArgumentException().isThrownBy(() -> counters(0, 0, Map.of("torn", 0L)));
        assertThatIllegalArgumentException().isThrownBy(() -> new PrefixReport(ALIAS, ALIAS, 0, 0, Tier.DEVICE));
        assertThatIllegalArgumentException().isThrownBy(() -> new TenantReport(ALIAS, Map.of(Tier.HOST, -1), 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new TenantReport(ALIAS, Map.of(), -2));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TierReport(Tier.DEVICE, 9, USAGE, TierCounters.NONE))
                .withMessage("a tier of 9 bytes cannot have 10 slots");
    }

    @Test
    void aReasonIsAWordAndNeverAMessage() {
        assertThat(counters(0, 0, Map.of("disk_full", 2L)).failures()).containsEntry("disk_full", 2L);
        for (String reason : List.of("", "disk full", "/data/segments.kv", "Torn", "e1")) {
            assertThatIllegalArgumentException().isThrownBy(() -> counters(0, 0, Map.of(reason, 1L)));
        }
    }

    @Test
    void failuresAreCopiedOnce() {
        Map<String, Long> mine = new HashMap<>(Map.of("torn", 1L));
        TierCounters first = counters(0, 0, mine);
        mine.put("torn", 7L);
        assertThat(first.failures()).containsExactly(Map.entry("torn", 1L));
        assertThat(counters(1, 16, first.failures()).failures()).isSameAs(first.failures());
    }

    @Test
    void tiersGoFromTheDeviceDown() {
        TierReport device = new TierReport(Tier.DEVICE, 100, USAGE, TierCounters.NONE);
        TierReport host = new TierReport(Tier.HOST, 100, USAGE, TierCounters.NONE);
        TierReport disk = new TierReport(Tier.DISK, 100, USAGE, TierCounters.NONE);
        assertThat(PoolReport.checkTiers(List.of(device, disk))).containsExactly(device, disk);
        assertThat(PoolReport.checkTiers(List.of(device, host, disk))).hasSize(3);
        for (List<TierReport> wrong :
                List.of(List.<TierReport>of(), List.of(host), List.of(device, disk, host), List.of(device, device))) {
            assertThatIllegalArgumentException().isThrownBy(() -> PoolReport.checkTiers(wrong));
            assertThatIllegalArgumentException().isThrownBy(() -> new PoolReport(wrong, List.of(), List.of()));
        }
    }

    @Test
    void theFirstOfAListIsTheOneThatHasMost() {
        List<TierReport> tiers = List.of(new TierReport(Tier.DEVICE, 100, USAGE, TierCounters.NONE));
        PrefixReport seldom = new PrefixReport(ALIAS, ALIAS, 16, 1, Tier.DEVICE);
        PrefixReport often = new PrefixReport(ALIAS, ALIAS, 16, 2, Tier.DEVICE);
        TenantReport small = new TenantReport(ALIAS, Map.of(Tier.DEVICE, 1), TenantReport.NO_QUOTA);
        TenantReport big = new TenantReport(ALIAS, Map.of(Tier.DEVICE, 1, Tier.DISK, 1), 3);
        assertThat(big.total()).isEqualTo(2);
        assertThat(new PoolReport(tiers, List.of(often, seldom), List.of(big, small)).tenants())
                .hasSize(2);
        assertThatIllegalArgumentException().isThrownBy(() -> new PoolReport(tiers, List.of(seldom, often), List.of()));
        assertThatIllegalArgumentException().isThrownBy(() -> new PoolReport(tiers, List.of(), List.of(small, big)));
    }

    private static TierCounters counters(long hits, long hitTokens, Map<String, Long> failures) {
        return new TierCounters(hits, hitTokens, 0, 0, 0, 0, failures);
    }
}
