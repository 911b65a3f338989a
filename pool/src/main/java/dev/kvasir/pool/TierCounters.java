package dev.kvasir.pool;

import java.util.Map;

/**
 * What has happened in one tier since the start. A look-up asks the tiers in turn, the device first, for each whole segment that
 * a prompt could reuse; each is a hit of the tier that has it and a miss of those asked before.
 *
 * @param hits segments asked for and found
 * @param hitTokens tokens of these
 * @param misses segments asked for and not found
 * @param promotions segments copied from here to a faster tier
 * @param demotions segments taken in from a faster tier
 * @param evictions segments dropped or overwritten to make room, or because somebody asked for that
 * @param failures by reason, one word of {@code a-z} and {@code _}: reasons become labels of metrics, so they are few and never
 *     a message
 */
public record TierCounters(
        long hits,
        long hitTokens,
        long misses,
        long promotions,
        long demotions,
        long evictions,
        Map<String, Long> failures) {
    /** Nothing has happened. */
    public static final TierCounters NONE = new TierCounters(0, 0, 0, 0, 0, 0, Map.of());

    public TierCounters {
        if (hits < 0 || hitTokens < hits || misses < 0 || promotions < 0 || demotions < 0 || evictions < 0) {
            throw new IllegalArgumentException("such counts cannot be: " + hits + " hits of " + hitTokens + " tokens, "
                    + misses + " misses, " + promotions + " promotions, " + demotions + " demotions, " + evictions
                    + " evictions");
        }
        failures = Map.copyOf(failures); // no copy of one that was copied before
        failures.forEach((reason, count) -> {
            checkReason(reason);
            if (count < 1) {
                throw new IllegalArgumentException(reason + " failed " + count + " times");
            }
        });
    }

    /**
     * Checks the name of a reason.
     *
     * @throws IllegalArgumentException if it is no word of {@code a-z} and {@code _}
     */
    public static void checkReason(String reason) {
        if (reason.isEmpty() || !reason.chars().allMatch(c -> c == '_' || (c >= 'a' && c <= 'z'))) {
            throw new IllegalArgumentException("a reason is a word of a-z and _, not '" + reason + "'");
        }
    }
}
