package dev.kvasir.pool.dispatch;

import dev.kvasir.pool.dispatch.Assignment.Put;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jgrapht.alg.matching.KuhnMunkresMinimalWeightBipartitePerfectMatching;
import org.jgrapht.graph.DefaultWeightedEdge;
import org.jgrapht.graph.SimpleWeightedGraph;

/** Gives groups the nodes for which the fewest bytes go over links. */
public final class Dispatcher {
    /*
     * A group of degree k is k rows of the matrix, and nodes that get no group have rows of zeros: a perfect matching of least
     * weight, found by the Hungarian method in O(N^3).
     *
     * One row each is exact for groups of any degree, since what a group reads over links falls by the same for a member whoever the
     * others are: queries visit all members anyway (pass-Q), so that a prefix on any of them is local to the group.
     *
     *   bytes(group) = readBytes - sum over members of localBytes(member) + sum over members of overflow(member)
     *
     * Segments that don't fit their member go to the room that is left elsewhere, the group's own members first, then the least loaded node;
     * wherever they go they are on a link once, so the matrix needn't know where. Where there's no room at all they stay.
     */
    private final long segmentBytes;

    /** Creates a dispatcher for segments of so many bytes. */
    public Dispatcher(long segmentBytes) {
        if (segmentBytes < 1) {
            throw new IllegalArgumentException("a segment can't have " + segmentBytes + " bytes");
        }
        this.segmentBytes = segmentBytes;
    }

    /**
     * Assigns nodes to groups and new segments to nodes.
     *
     * @throws IllegalArgumentException if the groups ask for more nodes than there are
     */
    public Assignment assign(List<Group> groups, List<Offer> offers) {
        int rows = groups.stream().mapToInt(Group::degree).sum();
        if (rows > offers.size()) {
            throw new IllegalArgumentException(
                    groups.size() + " groups ask for " + rows + " of " + offers.size() + " nodes");
        }
        long[][] costs = new long[rows][];
        int row = 0;
        for (Group group : groups) {
            for (int member = 0; member < group.degree(); member++) {
                costs[row++] = costs(group, member, offers);
            }
        }
        int[] columns = match(costs, offers.size());
        List<List<Integer>> members = new ArrayList<>();
        row = 0;
        for (Group group : groups) {
            int[] of = Arrays.copyOfRange(columns, row, row + group.degree());
            members.add(Arrays.stream(of)
                    .mapToObj(column -> offers.get(column).node())
                    .toList());
            row += group.degree();
        }
        return place(groups, offers, members);
    }

    /** Places the new segments of groups whose nodes are known, and counts bytes. */
    Assignment place(List<Group> groups, List<Offer> offers, List<List<Integer>> members) {
        Rooms rooms = new Rooms(offers);
        List<List<Put>> puts = new ArrayList<>();
        long readBytes = 0;
        for (int g = 0; g < groups.size(); g++) {
            Group group = groups.get(g);
            List<Put> own = new ArrayList<>();
            readBytes += group.readBytes();
            for (int i = 0; i < group.degree(); i++) {
                int member = members.get(g).get(i);
                readBytes -= group.localBytes(member);
                int kept = rooms.take(member, group.share(i));
                if (kept > 0) {
                    own.add(new Put(member, member, kept));
                }
            }
            puts.add(own);
        }
        long moved = 0;
        for (int g = 0; g < groups.size(); g++) {
            moved += overflow(groups.get(g), members.get(g), rooms, puts.get(g));
        }
        return new Assignment(members, puts, readBytes, moved * segmentBytes);
    }

    /** Sends what didn't fit a group's members to whoever has room; returns how many segments that was. */
    private static int overflow(Group group, List<Integer> members, Rooms rooms, List<Put> puts) {
        int moved = 0;
        for (int i = 0; i < group.degree(); i++) {
            int from = members.get(i);
            int left = group.share(i) - kept(puts, from);
            List<Integer> order = new ArrayList<>(members);
            order.addAll(rooms.leastLoadedFirst());
            for (int to : new LinkedHashSet<>(order)) {
                int taken = rooms.take(to, left);
                if (taken > 0) {
                    puts.add(new Put(from, to, taken));
                    left -= taken;
                    moved += taken;
                }
            }
            if (left > 0) {
                puts.add(new Put(from, from, left)); // no room anywhere
            }
        }
        return moved;
    }

    private static int kept(List<Put> puts, int member) {
        return puts.stream()
                .filter(put -> put.from() == member && put.to() == member)
                .mapToInt(Put::segments)
                .sum();
    }

    /** Returns a row of the matrix: bytes by offer, the group's reads in full, so that none is below 0. */
    private long[] costs(Group group, int member, List<Offer> offers) {
        return offers.stream()
                .mapToLong(offer -> group.readBytes()
                        - group.localBytes(offer.node())
                        + segmentBytes * Math.max(0, group.share(member) - offer.room()))
                .toArray();
    }

    /** Returns the column of each row for which the sum of costs is least. */
    private static int[] match(long[][] costs, int columns) {
        if (costs.length == 0) {
            return new int[0];
        }
        SimpleWeightedGraph<Integer, DefaultWeightedEdge> graph = new SimpleWeightedGraph<>(DefaultWeightedEdge.class);
        Set<Integer> left = new LinkedHashSet<>(); // [0, columns): rows, those beyond costs.length are zeros
        Set<Integer> right = new LinkedHashSet<>(); // [columns, 2 columns)
        for (int i = 0; i < columns; i++) {
            left.add(i);
            right.add(columns + i);
            graph.addVertex(i);
            graph.addVertex(columns + i);
        }
        for (int row = 0; row < columns; row++) {
            for (int column = 0; column < columns; column++) {
                DefaultWeightedEdge edge = graph.addEdge(row, columns + column);
                graph.setEdgeWeight(edge, row < costs.length ? costs[row][column] : 0);
            }
        }
        int[] matched = new int[costs.length];
        for (DefaultWeightedEdge edge : new KuhnMunkresMinimalWeightBipartitePerfectMatching<>(graph, left, right)
                .getMatching()
                .getEdges()) {
            int row = graph.getEdgeSource(edge);
            if (row < costs.length) {
                matched[row] = graph.getEdgeTarget(edge) - columns;
            }
        }
        return matched;
    }

    /** What room is left. */
    private static final class Rooms {
        private final List<Offer> offers;
        private final int[] left;

        private Rooms(List<Offer> offers) {
            this.offers = offers;
            left = offers.stream().mapToInt(Offer::room).toArray();
        }

        private int take(int node, int segments) {
            for (int i = 0; i < left.length; i++) {
                if (offers.get(i).node() == node) {
                    int taken = Math.min(left[i], segments);
                    left[i] -= taken;
                    return taken;
                }
            }
            throw new IllegalArgumentException("node " + node + " has offered nothing");
        }

        private List<Integer> leastLoadedFirst() {
            return offers.stream()
                    .sorted(Comparator.comparingDouble(Offer::load).thenComparingInt(Offer::node))
                    .map(Offer::node)
                    .toList();
        }
    }
}
