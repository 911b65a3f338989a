package dev.kvasir.pool.placement;

/**
 * How segments are placed.
 *
 * @param epochNanos how often copies are made and given up
 * @param windows epochs over which reads are counted
 * @param counters heavy hitters that can be told apart, a power of two of at least 8
 * @param homeMargin how much less loaded another node must be before new segments go there, as a share of the mean load. 0: always the least loaded
 * @param freeMargin how much emptier another node must be before segments go there for that reason, as a share of its slots
 * @param moveMargin how much more than the mean a node must be read before it gives segments away, as a share of the mean
 * @param runSegments longest run that goes to one node
 * @param c in {@code 1 / (c N ln N)}, the least share of the pool's reads that makes a heavy hitter on N nodes
 * @param targetShare what one copy of a segment is to bear at most, as a share of a node's mean load
 * @param replicaShare slots of a node that may hold replicas, and as many replicas may be made of segments that have their home there
 * @param movesPerEpoch most segments that a node copies or moves in an epoch
 * @param leavingMovesPerEpoch the same for a node that is about to leave
 */
public record PlacementConfig(
        long epochNanos,
        int windows,
        int counters,
        double homeMargin,
        double freeMargin,
        double moveMargin,
        int runSegments,
        double c,
        double targetShare,
        double replicaShare,
        int movesPerEpoch,
        int leavingMovesPerEpoch) {
    /** Settings of which the margins were measured (docs/decisions/0020). */
    public static final PlacementConfig DEFAULT =
            new PlacementConfig(1_000_000_000L, 4, 1024, 1, 0.25, 0.25, 16, 4, 0.1, 0.1, 32, 512);

    public PlacementConfig {
        if (epochNanos < 1 || windows < 1 || runSegments < 1 || movesPerEpoch < 0 || leavingMovesPerEpoch < 0) {
            throw new IllegalArgumentException("can't place with epochs of " + epochNanos + " ns, " + windows
                    + " windows, runs of " + runSegments + " segments, " + movesPerEpoch + " and "
                    + leavingMovesPerEpoch + " moves");
        }
        if (counters < 8 || Integer.bitCount(counters) != 1) {
            throw new IllegalArgumentException("counters must be a power of two of at least 8, not " + counters);
        }
        if (!(homeMargin >= 0) || !(freeMargin >= 0) || !(moveMargin >= 0)) {
            throw new IllegalArgumentException(
                    "can't place with margins " + homeMargin + ", " + freeMargin + " and " + moveMargin);
        }
        if (!(c > 0) || !(targetShare > 0) || !(replicaShare >= 0 && replicaShare <= 1)) {
            throw new IllegalArgumentException(
                    "can't place with c " + c + ", target share " + targetShare + " and replica share " + replicaShare);
        }
    }
}
