package dev.kvasir.pool.plans;

import dev.kvasir.pool.KvLayout;

/** Which part of all nodes' capability attention over cached prefixes takes. */
final class CacheLoad {
    /*
     * TokenLake, section 6:
     *
     *   M = sum of 4 d (prefix + input)        bytes of keys and values that are read or written
     *   F = sum of 2 d prefix input            operations of queries on cached keys
     *   L = max(M / (M + N B T), F / (F + N C T))
     *
     * with N nodes of B bytes and C operations a second, and T the least time that the step takes otherwise. The paper counts one
     * layer, and 4 d bytes are K and V of 2 bytes an element without grouped heads. Here all layers count, since T is a whole step's, and
     * bytes are those of the layout: 2 kvHeads headDim dtype.
     */
    private final KvLayout layout;
    private final int heads;
    private final NodePower power;

    CacheLoad(KvLayout layout, int heads, NodePower power) {
        this.layout = layout;
        this.heads = heads;
        this.power = power;
    }

    /**
     * Returns the part, from 0 to below 1.
     *
     * @param prefixes by request: cached tokens
     * @param inputs by request: new tokens
     * @param nodes that share the work
     * @param idealSeconds the least time of the step
     */
    double load(int[] prefixes, int[] inputs, int nodes, double idealSeconds) {
        if (prefixes.length != inputs.length || nodes < 1 || !(idealSeconds > 0)) {
            throw new IllegalArgumentException("no load of " + prefixes.length + " prefixes and " + inputs.length
                    + " inputs on " + nodes + " nodes in " + idealSeconds + " s");
        }
        double bytes = 0;
        double operations = 0;
        double tokenBytes = (double) layout.segmentBytes() / layout.segmentTokens();
        for (int i = 0; i < prefixes.length; i++) {
            bytes += tokenBytes * ((double) prefixes[i] + inputs[i]);
            operations += 2.0 * heads * layout.headDim() * layout.layers() * prefixes[i] * inputs[i];
        }
        return Math.max(
                bytes / (bytes + nodes * power.bytesPerSecond() * idealSeconds),
                operations / (operations + nodes * power.flopsPerSecond() * idealSeconds));
    }
}
