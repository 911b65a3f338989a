package dev.kvasir.pool;

import java.util.List;

/**
 * What a pool holds, for who operates it: no token, no text, and no identity that would find one.
 *
 * @param tiers from the fastest to the slowest, each at most once; the device is always there
 * @param topPrefixes the prefixes found most often, those first
 * @param tenants who holds most, those first; at most {@link #MOST_TENANTS}
 */
public record PoolReport(List<TierReport> tiers, List<PrefixReport> topPrefixes, List<TenantReport> tenants) {
    /** More tenants are not listed: there can be as many as segments. */
    public static final int MOST_TENANTS = 1000;

    public PoolReport {
        tiers = checkTiers(tiers);
        topPrefixes = List.copyOf(topPrefixes);
        tenants = List.copyOf(tenants);
        for (int i = 1; i < topPrefixes.size(); i++) {
            if (topPrefixes.get(i).hits() > topPrefixes.get(i - 1).hits()) {
                throw new IllegalArgumentException("prefix " + i + " was found more often than the one before it");
            }
        }
        for (int i = 1; i < tenants.size(); i++) {
            if (tenants.get(i).total() > tenants.get(i - 1).total()) {
                throw new IllegalArgumentException("tenant " + i + " has more segments than the one before it");
            }
        }
        if (tenants.size() > MOST_TENANTS) {
            throw new IllegalArgumentException(tenants.size() + " tenants are too many for a report");
        }
    }

    /**
     * Checks that tiers go from the fastest to the slowest and begin with the device.
     *
     * @return an immutable copy, or {@code tiers} itself if it is one
     */
    public static List<TierReport> checkTiers(List<TierReport> tiers) {
        if (tiers.isEmpty() || tiers.get(0).tier() != Tier.DEVICE) {
            throw new IllegalArgumentException("the first tier must be the device's");
        }
        for (int i = 1; i < tiers.size(); i++) {
            if (tiers.get(i).tier().compareTo(tiers.get(i - 1).tier()) <= 0) {
                throw new IllegalArgumentException("tier " + tiers.get(i).tier() + " comes after "
                        + tiers.get(i - 1).tier());
            }
        }
        return List.copyOf(tiers);
    }
}
