package dev.kvasir.runner.remote;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** How fast queries go to other nodes and their answers come back, learned from those that did: moving averages. Thread-safe. */
public final class LinkRates {
    private static final double WEIGHT = 0.1;
    /** Below, a frame says what a round trip takes; above, it says what bytes take, too. */
    private static final long SMALL_BYTES = 1 << 16;

    /** What is assumed of a node that hasn't answered yet: a network within one room. */
    private static final Rate UNKNOWN = new Rate(200_000, 1e9);

    private final Map<Integer, Rate> rates = new ConcurrentHashMap<>();

    /**
     * What is known of one node.
     *
     * @param roundTripNanos from a small query to its answer, the time that it took to compute included
     * @param bytesPerSecond both ways together
     */
    public record Rate(double roundTripNanos, double bytesPerSecond) {}

    void learn(int node, long bytes, long nanos) {
        rates.merge(node, next(UNKNOWN, bytes, nanos), (old, first) -> next(old, bytes, nanos));
    }

    private static Rate next(Rate old, long bytes, long nanos) {
        if (bytes <= SMALL_BYTES) {
            return new Rate(old.roundTripNanos + WEIGHT * (nanos - old.roundTripNanos), old.bytesPerSecond);
        }
        double moving = Math.max(nanos - old.roundTripNanos, nanos / 10.0);
        return new Rate(old.roundTripNanos, old.bytesPerSecond + WEIGHT * (bytes * 1e9 / moving - old.bytesPerSecond));
    }

    /** Returns what is known of a node, or assumed. */
    public Rate of(int node) {
        return rates.getOrDefault(node, UNKNOWN);
    }
}
