package dev.kvasir.pool;

/**
 * One tier as it is now.
 *
 * @param tier which
 * @param bytes memory of all its slots, used or not
 * @param usage its slots by state
 * @param counters what has happened in it since the start
 */
public record TierReport(Tier tier, long bytes, PoolUsage usage, TierCounters counters) {
    public TierReport {
        if (bytes < usage.slots()) {
            throw new IllegalArgumentException("a tier of " + bytes + " bytes cannot have " + usage.slots() + " slots");
        }
    }
}
