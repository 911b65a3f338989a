package dev.kvasir.pool.tiered;

import dev.kvasir.pool.Move;
import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.SegmentHeader;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SlotAddress;
import dev.kvasir.pool.SlotStorage;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.local.LocalMemPool;
import dev.kvasir.pool.store.BadSegmentException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Brings segments of lower tiers to the device: finds where they are, takes slots for them, reads them. */
final class Loading {
    /** Seals slots of the device behind a prefix, as {@link dev.kvasir.pool.MemPool#insert} does. */
    interface Index {
        PinnedPrefix insert(PinnedPrefix prefix, int[] tokens, List<SlotAddress> addresses);
    }

    private final LowerTiers lower;
    private final LocalMemPool device;
    private final SlotStorage storage;
    private final Mover mover;
    private final Index index;
    private final LoadCosts costs = new LoadCosts();
    private int slots; // of the device, that loads write

    /**
     * @param storage the device's memory
     * @param index what becomes of segments that have arrived
     */
    Loading(LowerTiers lower, LocalMemPool device, SlotStorage storage, Mover mover, Index index) {
        this.lower = lower;
        this.device = device;
        this.storage = storage;
        this.mover = mover;
        this.index = index;
    }

    /** Returns how many of the device's slots loads are writing. */
    int slots() {
        return slots;
    }

    int segmentTokens() {
        return device.layout().segmentTokens();
    }

    /** Begins to bring what there is of a prompt; see {@link dev.kvasir.pool.MemPool#swapIn}. */
    Move begin(SegmentId root, int[] tokens, int length, double computeNanos) {
        PinnedPrefix prefix = device.pin(root, tokens, length);
        List<Load.Source> sources = sources(root, prefix, tokens, length, computeNanos);
        int available = Math.min(sources.size(), device.usage(Tier.DEVICE).available());
        // What a tenant's quota has no room for is computed when the request runs: nobody else gives way to one that
        // waits.
        int room = Math.min(available, device.roomFor(root));
        List<Load.Source> first = List.copyOf(sources.subList(0, room));
        // Making room may evict below, too.
        first.forEach(this::hold);
        Optional<List<SlotAddress>> taken = device.alloc(room, Tier.DEVICE, root);
        if (taken.isEmpty()) {
            throw new IllegalStateException(
                    room + " slots can't be had, though the device says " + device.usage(Tier.DEVICE));
        }
        slots += room;
        Load load = new Load(this, prefix, tokens, first, taken.get(), sources.size() - available);
        for (int i = 0; i < room; i++) {
            begin(load, i);
        }
        return load;
    }

    /** Returns where the segments behind a prefix can be had from, as far as they can be had without a gap. */
    private List<Load.Source> sources(
            SegmentId root, PinnedPrefix prefix, int[] tokens, int length, double computeNanos) {
        int size = segmentTokens();
        int most = Math.max(0, length - 1) / size;
        List<Load.Source> sources = new ArrayList<>();
        SegmentId parent = prefix.segments() == 0 ? root : prefix.id(prefix.segments() - 1);
        for (int i = prefix.segments(); i < most; i++) {
            SegmentHeader header = SegmentHeader.next(root, parent, tokens, i * size, (i + 1) * size);
            Load.Source source = source(header, computeNanos * size);
            if (source == null) {
                break;
            }
            sources.add(source);
            parent = header.id();
        }
        int asked = most - prefix.segments();
        for (LowerTier tier : lower) {
            List<StoredSegment> found = sources.stream()
                    .filter(source -> source.tier() == tier)
                    .map(Load.Source::segment)
                    .toList();
            tier.hit(found);
            tier.tally.lookedUp(asked, found.size());
            asked -= found.size();
        }
        return sources;
    }

    private Load.@Nullable Source source(SegmentHeader header, double computeNanos) {
        for (LowerTier tier : lower) {
            StoredSegment segment = tier.find(header);
            if (segment != null) {
                return costs.isWorthIt(tier.tier(), computeNanos) ? new Load.Source(tier, segment) : null;
            }
        }
        return null;
    }

    /** Keeps a segment from being evicted; one that is being written can't be. */
    private void hold(Load.Source source) {
        if (source.segment().written) {
            source.tier().pin(source.segment());
        } else {
            source.segment().awaiting.add(() -> {
                if (source.segment().written) {
                    source.tier().pin(source.segment());
                }
            });
        }
    }

    private void begin(Load load, int at) {
        StoredSegment segment = load.source(at).segment();
        if (segment.written) {
            read(load, at);
        } else if (!load.source(at).tier().isHere(segment)) {
            // Its write failed while room was made for it.
            load.arrive(at, false);
        } else {
            segment.awaiting.add(() -> {
                if (segment.written) {
                    read(load, at);
                } else {
                    load.arrive(at, false);
                }
            });
        }
    }

    /** Reads a pinned segment, unless nobody wants it any more when its turn comes. */
    private void read(Load load, int at) {
        LowerTier tier = load.source(at).tier();
        StoredSegment segment = load.source(at).segment();
        SlotAddress to = load.slot(at);
        mover.submit(
                () -> {
                    if (load.isWanted()) {
                        storage.fill(to.slot(), bytes -> tier.store().read(segment.slot, segment.header, bytes));
                    }
                },
                (failure, nanos) -> {
                    boolean wasDeleted = segment.condemned;
                    tier.unpin(segment);
                    boolean read = failure == null && load.isWanted() && !wasDeleted;
                    if (read) {
                        costs.learn(tier.tier(), nanos);
                        tier.tally.promoted(1);
                    }
                    if (failure != null) {
                        failed(tier, segment, failure);
                    }
                    load.arrive(at, read);
                });
    }

    private static void failed(LowerTier tier, StoredSegment segment, IOException failure) {
        tier.failed(failure instanceof BadSegmentException ? "bad" : "read", failure);
        if (segment.pins == 0) {
            tier.drop(segment);
        }
    }

    /** Indexes segments that have arrived. */
    PinnedPrefix index(PinnedPrefix prefix, int[] tokens, List<SlotAddress> addresses) {
        slots -= addresses.size();
        return index.insert(prefix, tokens, addresses);
    }

    /** Frees a slot whose load has come to nothing. */
    void giveBack(SlotAddress address) {
        slots--;
        device.free(List.of(address));
    }

    void release(PinnedPrefix prefix) {
        device.release(prefix);
    }
}
