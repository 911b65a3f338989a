package dev.kvasir.benchmarks.cluster;

import dev.kvasir.pool.SegmentId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A request on its way through a node. */
final class Running {
    final Turn turn;
    final Runnable afterwards;
    final boolean isCounted;
    final List<Pin> pins = new ArrayList<>();
    final List<SegmentId> computed = new ArrayList<>(); // sealed by it and held by its node
    final Map<Integer, Integer> remote = new TreeMap<>(); // segments that it reads of other nodes, by node
    int lent; // slots with fetched segments

    /** A segment that it keeps from being evicted on a node. */
    record Pin(SimNode node, SegmentId id) {}

    /**
     * Creates a request that hasn't begun.
     *
     * @param afterwards what happens when it has been answered
     */
    Running(Turn turn, boolean isCounted, Runnable afterwards) {
        this.turn = turn;
        this.isCounted = isCounted;
        this.afterwards = afterwards;
    }

    void pin(SimNode node, SegmentId id) {
        node.slots.pin(id);
        pins.add(new Pin(node, id));
    }

    void unpinAll() {
        pins.forEach(pin -> pin.node().slots.unpin(pin.id()));
        pins.clear();
    }
}
