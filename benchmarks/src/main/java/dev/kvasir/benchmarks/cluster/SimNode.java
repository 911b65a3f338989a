package dev.kvasir.benchmarks.cluster;

import dev.kvasir.pool.NodeStatus;
import dev.kvasir.pool.Placement;
import dev.kvasir.pool.Placement.Copy;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.placement.BalancedPlacement;
import dev.kvasir.pool.placement.PlacementConfig;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.function.LongSupplier;

/** A node: slots, a queue, and the placement that it runs. */
final class SimNode implements Placement.OwnCopies {
    final int number;
    final SlotModel slots;
    final BalancedPlacement placement;
    final Queue<Running> waiting = new ArrayDeque<>();
    int running;
    long windowTokens; // of its segments that were read in this window

    SimNode(int number, int slots, SimIndex index, LongSupplier nanoTime) {
        this.number = number;
        this.slots = new SlotModel(slots);
        placement = new BalancedPlacement(index.viewOf(number), this::status, this, PlacementConfig.DEFAULT, nanoTime);
    }

    NodeStatus status() {
        int free = Math.max(0, slots.free());
        return new NodeStatus(
                number, slots.slots(), free, running, waiting.size(), placement.accessRate(), true, false);
    }

    @Override
    public Copy copyOf(SegmentId id) {
        return slots.copyOf(id);
    }

    @Override
    public List<SegmentId> replicas() {
        return slots.replicas();
    }

    @Override
    public List<SegmentId> coldest(int count) {
        return slots.coldest(count, Copy.HOME);
    }
}
