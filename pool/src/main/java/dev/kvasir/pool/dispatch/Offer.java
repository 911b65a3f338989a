package dev.kvasir.pool.dispatch;

import dev.kvasir.pool.NodeStatus;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What a node has for groups.
 *
 * @param node its number
 * @param room new segments that balance wants there
 * @param load tokens of its segments that are read a second
 */
public record Offer(int node, int room, double load) {
    public Offer {
        if (node < 1 || room < 0 || !(load >= 0)) {
            throw new IllegalArgumentException(
                    "no offer of node " + node + " with room for " + room + " and load " + load);
        }
    }

    /**
     * Shares new segments out in proportion to free slots, or to slots where none are free. Nodes that are about to leave have no room.
     *
     * @param nodes that can compute; what can't may be among them and is left out
     * @return offers in the order of the nodes, with room for all segments together, if any node takes some
     */
    public static List<Offer> of(List<NodeStatus> nodes, int newSegments) {
        List<NodeStatus> all = nodes.stream().filter(NodeStatus::canCompute).toList();
        boolean anyFree = all.stream().anyMatch(node -> !node.draining() && node.freeSlots() > 0);
        double sum = all.stream().mapToDouble(node -> weight(node, anyFree)).sum();
        List<Offer> offers = new ArrayList<>();
        int left = newSegments;
        for (NodeStatus node : all) {
            int room = sum == 0 ? 0 : (int) (newSegments * (weight(node, anyFree) / sum));
            left -= room;
            offers.add(new Offer(node.node(), room, node.accessRate()));
        }
        // What rounding down has left goes to the least loaded.
        List<Offer> leastLoaded = new ArrayList<>(offers);
        leastLoaded.removeIf(offer -> weight(all.get(offers.indexOf(offer)), anyFree) == 0);
        leastLoaded.sort(Comparator.comparingDouble(Offer::load));
        for (int i = 0; i < left && !leastLoaded.isEmpty(); i++) {
            Offer offer = leastLoaded.get(i % leastLoaded.size());
            int at = indexOf(offers, offer.node());
            offers.set(at, new Offer(offer.node(), offers.get(at).room() + 1, offer.load()));
        }
        return offers;
    }

    private static int indexOf(List<Offer> offers, int node) {
        int at = 0;
        while (offers.get(at).node() != node) {
            at++;
        }
        return at;
    }

    private static double weight(NodeStatus node, boolean anyFree) {
        if (node.draining()) {
            return 0;
        }
        return anyFree ? node.freeSlots() : node.slots();
    }
}
