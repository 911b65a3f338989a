package dev.kvasir.pool.dispatch;

import java.util.Map;

/**
 * A batch that asks for nodes.
 *
 * @param degree how many nodes compute it together
 * @param newSegments segments of keys and values that it computes, in equal shares on its nodes
 * @param readBytes what it would read of cached prefixes over links if nothing lay on its own nodes
 * @param localBytes by node number: how much less that is if this node is in the group; what isn't named is 0
 */
public record Group(int degree, int newSegments, long readBytes, Map<Integer, Long> localBytes) {
    public Group {
        localBytes = Map.copyOf(localBytes);
        if (degree < 1 || newSegments < 0 || readBytes < 0) {
            throw new IllegalArgumentException("no group has degree " + degree + ", " + newSegments
                    + " new segments and " + readBytes + " bytes to read");
        }
        for (long bytes : localBytes.values()) {
            if (bytes < 0 || bytes > readBytes) {
                throw new IllegalArgumentException("of " + readBytes + " bytes " + bytes + " can't be local");
            }
        }
    }

    /** Returns the bytes that need not be read over a link if a node is in the group. */
    long localBytes(int node) {
        return localBytes.getOrDefault(node, 0L);
    }

    /** Returns how many of the new segments its {@code member}-th node computes. */
    int share(int member) {
        return newSegments / degree + (member < newSegments % degree ? 1 : 0);
    }
}
