package dev.kvasir.pool.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.Borrowed;
import dev.kvasir.pool.LoanDesk;
import dev.kvasir.pool.Move;
import dev.kvasir.pool.NodeStatus;
import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.PoolUsage;
import dev.kvasir.pool.ReadPlan.Way;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SlotAddress;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.Wire;
import dev.kvasir.pool.directory.LocalDirectory;
import dev.kvasir.pool.eviction.LruPolicy;
import dev.kvasir.pool.local.BufferSlotStorage;
import dev.kvasir.pool.local.LocalMemPool;
import dev.kvasir.pool.placement.BalancedPlacement;
import dev.kvasir.pool.placement.Link;
import dev.kvasir.pool.placement.PlacementConfig;
import dev.kvasir.pool.placement.ReadPlanner;
import dev.kvasir.pool.tiered.Mover;
import dev.kvasir.pool.transfer.LocalNode;
import dev.kvasir.pool.transfer.TransferLimits;
import dev.kvasir.pool.transfer.TransferMemPool;
import dev.kvasir.pool.transfer.WireTransport;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** One node of a {@link PoolCluster}. */
final class PoolNode {
    final int number;
    final LocalDirectory directory;
    final BufferSlotStorage storage;
    final LocalMemPool local;
    final LoanOffice loans;
    final Wire wire;
    final TransferMemPool transfers;
    final ClusterMemPool pool;
    boolean draining;
    private final PoolCluster cluster;

    PoolNode(PoolCluster cluster, int slots) {
        this.cluster = cluster;
        directory = cluster.directories.join();
        number = directory.self();
        storage = BufferSlotStorage.heap(PoolCluster.LAYOUT, slots);
        local = new LocalMemPool(PoolCluster.LAYOUT, number, storage, new LruPolicy());
        wire = cluster.wires.join(number);
        transfers = new TransferMemPool(
                new FlatMemPool(local),
                storage,
                new LocalNode(number, 7, new SegmentId(1, 2, 3, 4)),
                new WireTransport(wire, () -> {}),
                new TransferLimits(32, 8, PoolCluster.LEASE),
                new Mover(cluster.jobs::add, () -> cluster.now, () -> {}),
                () -> cluster.now);
        loans = new LoanOffice(transfers, wire, cluster.limits, () -> cluster.now, () -> {});
        ReadPlanner planner = new ReadPlanner(PoolCluster.LAYOUT, PoolCluster.LAYOUT.kvHeads(), Float.BYTES);
        pool = new ClusterMemPool(
                transfers,
                directory,
                loans,
                own -> new BalancedPlacement(directory, this::status, own, PlacementConfig.DEFAULT, () -> cluster.now),
                (holder, segments, newTokens, freeSlots) -> {
                    Way way = cluster.fetches && cluster.random.nextBoolean() ? Way.FETCH : Way.QUERY;
                    return planner.plan(
                            new ReadPlanner.Demand(segments, newTokens, 1, 1, freeSlots), new Link(1e9, 1e5), way);
                },
                this::status,
                () -> cluster.now);
        local.watch(pool.residence());
    }

    private NodeStatus status() {
        PoolUsage usage = local.usage(Tier.DEVICE);
        return new NodeStatus(number, usage.slots(), usage.free(), 0, 0, 0, true, draining);
    }

    Set<SegmentId> held() {
        Set<SegmentId> held = new HashSet<>();
        local.forEach(segment -> held.add(segment.header().id()));
        return held;
    }

    boolean holds(String word) {
        return held().contains(PoolCluster.id(word));
    }

    Move bring(String word) {
        return pool.swapIn(PoolCluster.ROOT, PoolCluster.tokens(word + "?"), word.length() * 16 + 1, 0);
    }

    PinnedPrefix match(String word) {
        return pool.match(PoolCluster.ROOT, PoolCluster.tokens(word + "?"), word.length() * 16 + 1);
    }

    /** Computes what is missing of a word, and keeps it pinned; empty if there's no room. */
    Optional<PinnedPrefix> compute(String word) {
        PinnedPrefix prefix = match(word);
        int before = prefix.segments();
        Optional<List<SlotAddress>> slots = pool.alloc(word.length() - before, Tier.DEVICE, PoolCluster.ROOT);
        if (slots.isEmpty()) {
            pool.giveUp(prefix);
            return Optional.empty();
        }
        for (int i = before; i < word.length(); i++) {
            PoolCluster.fill(storage.slot(slots.get().get(i - before).slot()), word.substring(0, i + 1));
        }
        return Optional.of(pool.insert(prefix, PoolCluster.tokens(word), slots.get()));
    }

    void store(String word) {
        pool.release(compute(word).orElseThrow());
    }

    /** Reads all segments of a prefix as attention does. Returns false if one on loan can't be read: then its lender is given up. */
    boolean read(PinnedPrefix prefix, String word) {
        ByteBuffer expected = ByteBuffer.allocate(PoolCluster.LAYOUT.segmentBytes());
        for (int i = 0; i < prefix.segments(); i++) {
            PoolCluster.fill(expected.clear(), word.substring(0, i + 1));
            int reference = prefix.reference(i);
            if (reference >= 0) {
                assertThat(storage.slot(reference).mismatch(expected.clear()))
                        .as("segment %d of %s on node %d", i, word, number)
                        .isEqualTo(-1);
                continue;
            }
            Borrowed.Segment lent = pool.borrowed().segment(reference);
            PoolNode holder = cluster.byNumber.get(lent.node());
            Optional<LoanDesk.Visit> visit =
                    cluster.nodes.contains(holder) ? holder.pool.desk().visit(number, lent.loan()) : Optional.empty();
            if (visit.isEmpty()) {
                pool.borrowed().onSilent(lent.node());
                return false;
            }
            try (LoanDesk.Visit open = visit.get()) {
                assertThat(open.has(lent.slot())).isTrue();
                assertThat(holder.storage.slot(lent.slot()).mismatch(expected.clear()))
                        .as("segment %d of %s, on loan from node %d", i, word, lent.node())
                        .isEqualTo(-1);
            }
        }
        return true;
    }
}
