package dev.kvasir.scheduler.routing;

/**
 * SGLang's thresholds.
 *
 * @param matchRate the part of a prompt that a node must have had, for the prompt to go there
 * @param absoluteImbalance by how many requests the longest queue may exceed the shortest
 * @param relativeImbalance by how many times; both must be exceeded for cache to count no more
 * @param treeSegments most segments that a node is remembered to have had
 */
public record CacheAwareConfig(double matchRate, int absoluteImbalance, double relativeImbalance, int treeSegments) {
    /** SGLang's documented 0.3, 64 and 1.5, and a million segments. */
    public static final CacheAwareConfig DEFAULT = new CacheAwareConfig(0.3, 64, 1.5, 1 << 20);

    public CacheAwareConfig {
        if (!(matchRate >= 0 && matchRate <= 1)
                || absoluteImbalance < 0
                || !(relativeImbalance >= 1)
                || treeSegments < 1) {
            throw new IllegalArgumentException("no such thresholds: match rate " + matchRate + ", imbalance "
                    + absoluteImbalance + " and " + relativeImbalance + ", " + treeSegments + " segments");
        }
    }
}
