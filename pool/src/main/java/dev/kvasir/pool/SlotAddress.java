package dev.kvasir.pool;

/**
 * Where a slot is.
 *
 * @param node the node that holds it; 0 on a single node
 * @param tier the kind of memory
 * @param slot index in the tier, from 0
 */
public record SlotAddress(int node, Tier tier, int slot) {
    public SlotAddress {
        if (node < 0 || slot < 0) {
            throw new IllegalArgumentException("no such address: node " + node + ", slot " + slot);
        }
    }
}
