package dev.kvasir.pool;

/**
 * How a node is, as it says itself.
 *
 * @param node its number
 * @param slots slots of its device
 * @param freeSlots of these, slots that hold nothing
 * @param running sequences that it computes
 * @param waiting requests in its queue
 * @param accessRate tokens of its segments that were read in the last window, a second
 * @param canCompute whether it runs requests; one that doesn't holds segments and answers queries
 * @param draining whether it is about to leave and takes nothing new
 */
public record NodeStatus(
        int node,
        int slots,
        int freeSlots,
        int running,
        int waiting,
        double accessRate,
        boolean canCompute,
        boolean draining) {
    public NodeStatus {
        if (node < 1 || slots < 0 || freeSlots < 0 || freeSlots > slots || running < 0 || waiting < 0) {
            throw new IllegalArgumentException("no such node: " + node + " with " + freeSlots + " of " + slots
                    + " slots free, " + running + " running and " + waiting + " waiting");
        }
        if (!(accessRate >= 0)) {
            throw new IllegalArgumentException("tokens a second can't be " + accessRate);
        }
    }
}
