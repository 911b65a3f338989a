package dev.kvasir.engine.cluster;

/**
 * How often the directory does what it does.
 *
 * @param statusMillis between two statuses of a node
 * @param staleMillis after which a node whose status stays the same is taken for gone, although it is a member
 * @param flushMillis between two batches of announced and withdrawn segments, at least
 * @param writeMillis that the map may take for a batch before the others are told anyway
 * @param repairMillis between two looks whether the map has what this node holds
 */
public record ClusterTiming(
        long statusMillis, long staleMillis, long flushMillis, long writeMillis, long repairMillis) {
    public static final ClusterTiming DEFAULT = new ClusterTiming(1000, 6000, 20, 2000, 30_000);

    public ClusterTiming {
        if (statusMillis < 1 || staleMillis <= statusMillis || flushMillis < 1 || writeMillis < 1 || repairMillis < 1) {
            throw new IllegalArgumentException("a status each " + statusMillis + " ms, stale after " + staleMillis
                    + " ms, batches each " + flushMillis + " ms in " + writeMillis + " ms, repairs each " + repairMillis
                    + " ms");
        }
    }
}
