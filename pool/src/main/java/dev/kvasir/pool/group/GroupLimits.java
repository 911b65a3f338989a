package dev.kvasir.pool.group;

/**
 * What groups may take.
 *
 * @param shareTokens most tokens of a share, and of all shares of a step together
 * @param tokens longest prompt
 * @param vocab how many tokens there are
 * @param groups most groups of others in which this node takes part at a time
 * @param patienceNanos how long nothing may happen in a group
 */
public record GroupLimits(int shareTokens, int tokens, int vocab, int groups, long patienceNanos) {
    public GroupLimits {
        if (shareTokens < 0 || tokens < 1 || vocab < 1 || groups < 0 || patienceNanos < 1) {
            throw new IllegalArgumentException("groups can't be limited to shares of " + shareTokens + " tokens of "
                    + tokens + ", a vocabulary of " + vocab + ", " + groups + " at a time, " + patienceNanos + " ns");
        }
    }
}
