package dev.kvasir.pool;

import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Adds up what tenants hold, for a {@link PoolReport}. */
public final class TenantReports {
    private final Map<String, Map<Tier, Integer>> held = new HashMap<>(); // by alias

    /** Adds segments of the tenant to whom a root belongs. */
    public void add(SegmentId root, Tier tier, int segments) {
        held.computeIfAbsent(SegmentIdentity.tenantAlias(root), tenant -> new EnumMap<>(Tier.class))
                .merge(tier, segments, Integer::sum);
    }

    /** Returns who holds most, those first; at most {@link PoolReport#MOST_TENANTS}. */
    public List<TenantReport> most(long quotaSegments) {
        return held.entrySet().stream()
                .map(entry -> new TenantReport(entry.getKey(), entry.getValue(), quotaSegments))
                .sorted(Comparator.comparingLong(TenantReport::total).reversed().thenComparing(TenantReport::tenant))
                .limit(PoolReport.MOST_TENANTS)
                .toList();
    }
}
