package dev.kvasir.pool.tiered;

import dev.kvasir.pool.Tier;
import java.util.EnumMap;
import java.util.Map;

/**
 * What it costs to bring a segment back from a tier, learned from those that came: a moving average. A tier that was found too slow is tried again
 * now and then, since nothing would be learned of it otherwise.
 */
final class LoadCosts {
    private static final double WEIGHT = 0.1;
    private static final int RETRY = 64;

    private final Map<Tier, Double> nanos = new EnumMap<>(Tier.class);
    private int refused;

    void learn(Tier tier, long nanosPerSegment) {
        nanos.merge(tier, (double) nanosPerSegment, (old, now) -> old + WEIGHT * (now - old));
    }

    /**
     * Returns whether it is worth bringing a segment back.
     *
     * @param computeNanos what computing it again costs, 0 if that isn't known
     */
    boolean isWorthIt(Tier tier, double computeNanos) {
        double load = nanos.getOrDefault(tier, 0.0);
        if (computeNanos <= 0 || load <= computeNanos) {
            return true;
        }
        return ++refused % RETRY == 0;
    }
}
