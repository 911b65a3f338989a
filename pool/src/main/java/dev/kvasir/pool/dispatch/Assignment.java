package dev.kvasir.pool.dispatch;

import java.util.List;

/**
 * Which nodes compute which group, and where the new segments go.
 *
 * @param members by group: the numbers of its nodes
 * @param puts by group: which of its new segments go where
 * @param readBytes over links, of all groups
 * @param putBytes over links, of all groups
 */
public record Assignment(List<List<Integer>> members, List<List<Put>> puts, long readBytes, long putBytes) {
    /**
     * New segments that one node computes and another, or the same, keeps.
     *
     * @param from number of the member that computes them
     * @param to number of the node that keeps them; the same: they stay
     * @param segments how many
     */
    public record Put(int from, int to, int segments) {}

    public Assignment {
        members = members.stream().map(List::copyOf).toList();
        puts = puts.stream().map(List::copyOf).toList();
    }

    /** Returns all bytes over links. */
    public long bytes() {
        return readBytes + putBytes;
    }
}
