package dev.kvasir.pool;

import java.util.Map;

/**
 * What one tenant holds, under all of its cache salts.
 *
 * @param tenant {@linkplain SegmentIdentity#tenantAlias alias} of its roots
 * @param segments how many it has in each tier; a tier in which it has none may be left out
 * @param quotaSegments how many it may have in the device tier, {@link #NO_QUOTA} where that isn't limited
 */
public record TenantReport(String tenant, Map<Tier, Integer> segments, long quotaSegments) {
    /** No limit. */
    public static final long NO_QUOTA = -1;

    public TenantReport {
        SegmentIdentity.checkAlias(tenant);
        segments = Map.copyOf(segments);
        if (quotaSegments < NO_QUOTA) {
            throw new IllegalArgumentException("no quota has " + quotaSegments + " segments");
        }
        segments.forEach((tier, count) -> {
            if (count < 0) {
                throw new IllegalArgumentException("a tenant cannot have " + count + " segments in tier " + tier);
            }
        });
    }

    /** Returns how many segments it has, copies in several tiers counted each. */
    public long total() {
        return segments.values().stream().mapToLong(Integer::longValue).sum();
    }
}
