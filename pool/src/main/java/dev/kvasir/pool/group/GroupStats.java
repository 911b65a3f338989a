package dev.kvasir.pool.group;

/**
 * What became of groups so far.
 *
 * @param led groups that this node began
 * @param computed of these, those that were computed to the end
 * @param failed of these, those that weren't
 * @param joined groups of others in which it took part
 * @param sharedTokens tokens that it has computed in groups, its own and others'
 */
public record GroupStats(long led, long computed, long failed, long joined, long sharedTokens) {
    public static final GroupStats NONE = new GroupStats(0, 0, 0, 0, 0);
}
