package dev.kvasir.pool.placement;

import dev.kvasir.pool.Directory;
import dev.kvasir.pool.NodeStatus;
import dev.kvasir.pool.Placement;
import dev.kvasir.pool.PlacementAction;
import dev.kvasir.pool.SegmentId;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Balances reads and memory over the nodes: our reconstruction of TokenLake's heavy-hitter-aware placement, whose own description we haven't had. Cold
 * segments exist once, hot ones as often as their rate asks for.
 */
public final class BalancedPlacement implements Placement {
    private final int self;
    private final Directory directory;
    private final Supplier<NodeStatus> status;
    private final PlacementConfig config;
    private final LongSupplier nanoTime;

    private final Loads loads = new Loads();
    private final HeavyHitters hitters;
    private final Homes homes;
    private final Replication replication;
    private final Duplicates duplicates;
    private final Rebalancing rebalancing;

    private long epoch;
    private long epochStart; // in nanoseconds

    /**
     * Creates the placement of a node.
     *
     * @param directory this node's view of the others
     * @param status how this node is
     * @param own what it holds
     * @param nanoTime the clock that epochs go by
     */
    public BalancedPlacement(
            Directory directory,
            Supplier<NodeStatus> status,
            OwnCopies own,
            PlacementConfig config,
            LongSupplier nanoTime) {
        self = directory.self();
        this.directory = directory;
        this.status = status;
        this.config = config;
        this.nanoTime = nanoTime;
        hitters = new HeavyHitters(config.counters(), config.windows());
        homes = new Homes(self, config.homeMargin(), config.freeMargin(), config.runSegments(), loads);
        replication = new Replication(directory, own, config, loads);
        duplicates = new Duplicates(directory, own, loads::isDraining);
        rebalancing = new Rebalancing(directory, own, config, loads);
        epochStart = nanoTime.getAsLong();
    }

    @Override
    public List<Part> homesFor(List<SegmentId> run) {
        loads.update(status.get(), directory.nodes());
        return homes.homesFor(run);
    }

    @Override
    public void onRead(SegmentId id, int tokens) {
        hitters.add(id, tokens);
    }

    @Override
    public void onShared(SegmentId id) {
        duplicates.onShared(id);
    }

    @Override
    public List<PlacementAction> poll() {
        long now = nanoTime.getAsLong();
        if (now - epochStart < config.epochNanos()) {
            return List.of();
        }
        hitters.endEpoch(now - epochStart);
        epochStart = now;
        epoch++;
        NodeStatus own = status.get();
        loads.update(own, directory.nodes());
        List<HeavyHitters.Hitter> hottest = hitters.hottest();
        if (own.draining()) {
            return rebalancing.leave(hottest);
        }
        List<PlacementAction> actions = new ArrayList<>(duplicates.poll());
        actions.addAll(replication.shrink(hottest, own.slots(), epoch));
        List<PlacementAction> copies =
                replication.grow(hottest, own.slots(), own.slots() - own.freeSlots(), config.movesPerEpoch(), epoch);
        actions.addAll(copies);
        actions.addAll(rebalancing.moves(hottest, own.slots(), config.movesPerEpoch() - copies.size()));
        return actions;
    }

    /** Returns reads of this node's copies over the windows that count, in tokens a second: what it says of itself as its access rate. */
    public double accessRate() {
        return hitters.totalRate();
    }

    /** Returns how many segments are known to have another home beside the one here. */
    public int duplicates() {
        return duplicates.count();
    }
}
