package dev.kvasir.pool.group;

import dev.kvasir.pool.SegmentId;

/** What the nodes of a group say to each other. */
sealed interface GroupMessage {
    /** Returns whom it's about. */
    GroupId group();

    /**
     * Asks a node to take part.
     *
     * @param root where the prompt's identity chain starts
     * @param tokens of the segments {@code [0, shares.last())}; handed over
     */
    record Invite(GroupId group, SegmentId root, Shares shares, int[] tokens) implements GroupMessage {}

    /** The sender has what stands before the first share, and takes part. */
    record Join(GroupId group) implements GroupMessage {}

    /** All take part. */
    record Start(GroupId group) implements GroupMessage {}

    /**
     * The sender lends a share that it computes.
     *
     * @param share which
     * @param sealed whether it's all there; else a step writes it, layer by layer
     * @param loan the sender's number of the loan
     * @param slots where its segments lie; handed over
     */
    record Lent(GroupId group, int share, boolean sealed, long loan, int[] slots) implements GroupMessage {}

    /** It's over: the sender can't or won't go on. */
    record End(GroupId group) implements GroupMessage {}
}
