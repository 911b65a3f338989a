package dev.kvasir.pool.cluster;

/**
 * What a node has had to do with others' segments since its start.
 *
 * @param borrowed segments that others have lent it
 * @param lost of these, gone while they were used
 * @param lent segments that it has lent
 * @param lentSlots slots that are lent now, one that is lent twice counted twice
 * @param askedForLoans how often a holder was asked to lend
 * @param askedForCopies how often one was asked for copies instead
 * @param sent segments that it has sent to their homes, or as replicas
 * @param sentBytes of these; what the others had already isn't sent
 * @param sendsFailed transfers that came to nothing
 */
public record ClusterPoolStats(
        long borrowed,
        long lost,
        long lent,
        int lentSlots,
        long askedForLoans,
        long askedForCopies,
        long sent,
        long sentBytes,
        long sendsFailed) {
    /** Nothing yet. */
    public static final ClusterPoolStats NONE = new ClusterPoolStats(0, 0, 0, 0, 0, 0, 0, 0, 0);
}
