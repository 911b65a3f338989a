package dev.kvasir.pool.tiered;

import dev.kvasir.pool.KvLayout;
import dev.kvasir.pool.MemPool;
import dev.kvasir.pool.Move;
import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.PoolReport;
import dev.kvasir.pool.PoolUsage;
import dev.kvasir.pool.SegmentHeader;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SegmentIdentity;
import dev.kvasir.pool.SlotAddress;
import dev.kvasir.pool.SlotStorage;
import dev.kvasir.pool.TenantReport;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.TierReport;
import dev.kvasir.pool.eviction.EvictionPolicy;
import dev.kvasir.pool.local.Copies;
import dev.kvasir.pool.local.LocalMemPool;
import dev.kvasir.pool.local.Residence;
import dev.kvasir.pool.store.BadSegmentException;
import dev.kvasir.pool.store.SegmentStore;
import dev.kvasir.pool.tree.PrefixTree;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One node's KV pool over several tiers: the device's prefix tree, and below it what was evicted or written through. */
public final class TieredMemPool implements MemPool, AutoCloseable {
    /*
     * The device has a tree because attention reads runs of slots and a match must be fast. The tiers below are flat maps by identity: a prompt's
     * segments are looked up one by one, from where the tree ends. Since an identity stands for the whole prefix, a tier may lack a parent and
     * hold its child, and a record from before a restart is as good as a new one.
     *
     *            insert                    write through, or evict
     *   device <-------- (computed)   device ----------> host ----------> disk
     *      ^                                               |               |
     *      +--------------- swapIn (Load) -----------------+---------------+
     *
     * A tier below keeps its copy when a segment is brought back; the device's copy can then go without being written again.
     *
     * Fence. A slot that is being copied is not reused: on the device it drains (LocalMemPool, Copies), below it is pinned.
     */

    /**
     * A tier below the device.
     *
     * @param store its memory; closed with the pool
     * @param policy which segments go first; this pool's alone
     */
    public record Below(Tier tier, SegmentStore store, EvictionPolicy policy) {}

    private final LocalMemPool device;
    private final SlotStorage storage;
    private final List<LowerTier> lower = new ArrayList<>();
    private final WritePolicy writePolicy;
    private final int selectiveHits;
    private final Mover mover;
    private final LoadCosts costs = new LoadCosts();
    private final ThreadLocal<ByteBuffer> scratch;
    private final int[] copying; // (device slot) -> copies that read it
    private int loading; // device slots that loads write

    /**
     * Creates a pool whose device is empty.
     *
     * @param storage memory of the device tier; stays its owner's
     * @param policy which segments the device evicts first
     * @param below the tiers below, from the faster to the slower
     * @param selectiveHits hits from which {@link WritePolicy#SELECTIVE} keeps a segment
     */
    public TieredMemPool(
            KvLayout layout,
            int node,
            SlotStorage storage,
            EvictionPolicy policy,
            List<Below> below,
            WritePolicy writePolicy,
            int selectiveHits,
            Mover mover) {
        this.storage = storage;
        this.writePolicy = writePolicy;
        this.selectiveHits = selectiveHits;
        this.mover = mover;
        for (Below tier : below) {
            if (tier.store().segmentBytes() != layout.segmentBytes()) {
                throw new IllegalArgumentException(tier.tier() + " has slots of "
                        + tier.store().segmentBytes() + " bytes, a segment has " + layout.segmentBytes());
            }
            lower.add(new LowerTier(tier.tier(), tier.store(), tier.policy(), layout.segmentTokens()));
        }
        scratch = ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(layout.segmentBytes()));
        copying = new int[storage.slots()];
        device = new LocalMemPool(layout, node, storage, policy, new Copies() {
            @Override
            public void onEvict(PrefixTree.Held victim) {
                if (isWorthKeeping(victim.hits())) {
                    copyDown(victim.header(), victim.address(), victim.hits());
                }
            }

            @Override
            public boolean isCopying(SlotAddress address) {
                return copying[address.slot()] > 0;
            }

            @Override
            public void await() {
                mover.await();
            }
        });
    }

    /** Has a listener told of what comes to the device and leaves it from now on. */
    public void watch(Residence listener) {
        device.watch(listener);
    }

    @Override
    public KvLayout layout() {
        return device.layout();
    }

    @Override
    public int capacity(Tier tier) {
        return tier == Tier.DEVICE ? device.capacity(tier) : below(tier).slots();
    }

    @Override
    public Optional<List<SlotAddress>> alloc(int count, Tier tier) {
        return device.alloc(count, tier);
    }

    @Override
    public Optional<List<SlotAddress>> alloc(int count, Tier tier, SegmentId root) {
        return device.alloc(count, tier, root);
    }

    @Override
    public int roomFor(SegmentId root) {
        return device.roomFor(root);
    }

    @Override
    public void free(List<SlotAddress> addresses) {
        device.free(addresses);
    }

    @Override
    public PinnedPrefix match(SegmentId root, int[] tokens, int length) {
        return device.match(root, tokens, length);
    }

    @Override
    public PinnedPrefix pin(SegmentId root, int[] tokens, int length) {
        return device.pin(root, tokens, length);
    }

    @Override
    public int matchedTokens(SegmentId root, int[] tokens, int length) {
        return device.matchedTokens(root, tokens, length);
    }

    @Override
    public PinnedPrefix insert(PinnedPrefix prefix, int[] tokens, List<SlotAddress> addresses) {
        int before = prefix.segments();
        PinnedPrefix grown = device.insert(prefix, tokens, addresses);
        if (writePolicy == WritePolicy.THROUGH && !lower.isEmpty()) {
            for (int i = before; i < grown.segments(); i++) {
                copyDown(header(grown, tokens, i), grown.address(i), 0);
            }
        }
        return grown;
    }

    @Override
    public void release(PinnedPrefix prefix) {
        device.release(prefix);
    }

    @Override
    public void giveUp(PinnedPrefix prefix) {
        device.giveUp(prefix);
    }

    @Override
    public Move swapOut(int count) {
        return lower.isEmpty() ? Move.NONE : SwapOut.of(this, device, count);
    }

    @Override
    public Move swapIn(SegmentId root, int[] tokens, int length, double computeNanos) {
        if (lower.isEmpty()) {
            return Move.NONE;
        }
        PinnedPrefix prefix = device.pin(root, tokens, length);
        List<Load.Source> sources = sources(root, prefix, tokens, length, computeNanos);
        int available = Math.min(sources.size(), device.usage(Tier.DEVICE).available());
        // What a tenant's quota has no room for is computed when the request runs: nobody else gives way to one that
        // waits.
        int room = Math.min(available, device.roomFor(root));
        List<Load.Source> first = List.copyOf(sources.subList(0, room));
        // Making room may evict below, too.
        first.forEach(this::hold);
        Optional<List<SlotAddress>> slots = device.alloc(room, Tier.DEVICE, root);
        if (slots.isEmpty()) {
            throw new IllegalStateException(
                    room + " slots can't be had, though the device says " + device.usage(Tier.DEVICE));
        }
        loading += room;
        Load load = new Load(this, prefix, tokens, first, slots.get(), sources.size() - available);
        for (int i = 0; i < room; i++) {
            begin(load, i);
        }
        return load;
    }

    @Override
    public boolean poll() {
        return mover.poll();
    }

    @Override
    public int delete(SegmentId root, int[] tokens) {
        settle();
        int freed = device.delete(root, tokens);
        if (tokens.length >= layout().segmentTokens()) {
            SegmentHeader first = SegmentHeader.next(root, root, tokens, 0, layout().segmentTokens());
            for (LowerTier tier : lower) {
                List<StoredSegment> dropped = tier.dropBelow(first);
                dropped.forEach(segment -> erase(tier, segment));
                freed += dropped.size();
            }
        }
        return freed;
    }

    @Override
    public PoolUsage usage(Tier tier) {
        if (tier != Tier.DEVICE) {
            return below(tier).usage();
        }
        PoolUsage usage = device.usage(tier);
        return new PoolUsage(
                usage.slots(),
                usage.free(),
                usage.writing(),
                usage.moving() + loading,
                usage.sealed(),
                usage.pinned(),
                usage.inserted(),
                usage.duplicates(),
                usage.evicted());
    }

    @Override
    public int evict(Tier tier, int count) {
        if (tier == Tier.DEVICE) {
            return device.evict(tier, count);
        }
        settle();
        LowerTier from = below(tier);
        int gone = 0;
        while (gone < count) {
            Optional<StoredSegment> dropped = from.dropOne();
            if (dropped.isEmpty()) {
                break;
            }
            erase(from, dropped.get());
            gone++;
        }
        return gone;
    }

    @Override
    public List<TierReport> tiers() {
        TierReport ofDevice = device.tiers().get(0);
        List<TierReport> tiers = new ArrayList<>();
        tiers.add(new TierReport(Tier.DEVICE, ofDevice.bytes(), usage(Tier.DEVICE), ofDevice.counters()));
        lower.forEach(tier -> tiers.add(tier.report()));
        return tiers;
    }

    @Override
    public PoolReport report(int topPrefixes) {
        PoolReport ofDevice = device.report(topPrefixes);
        Map<String, Map<Tier, Integer>> held = new HashMap<>();
        long quota = device.quota();
        ofDevice.tenants().forEach(tenant -> held.put(tenant.tenant(), new EnumMap<>(tenant.segments())));
        for (LowerTier tier : lower) {
            for (StoredSegment segment : tier.segments()) {
                held.computeIfAbsent(
                                SegmentIdentity.tenantAlias(segment.header.root()), root -> new EnumMap<>(Tier.class))
                        .merge(tier.tier(), 1, Integer::sum);
            }
        }
        List<TenantReport> tenants = held.entrySet().stream()
                .map(entry -> new TenantReport(entry.getKey(), entry.getValue(), quota))
                .sorted(Comparator.comparingLong(TenantReport::total).reversed().thenComparing(TenantReport::tenant))
                .limit(PoolReport.MOST_TENANTS)
                .toList();
        return new PoolReport(tiers(), ofDevice.topPrefixes(), tenants);
    }

    @Override
    public void checkInvariants() {
        device.checkInvariants();
        lower.forEach(LowerTier::checkInvariants);
    }

    /** Takes in all that is under way. */
    void settle() {
        while (mover.inFlight() > 0) {
            mover.await();
        }
    }

    /**
     * Writes what would be lost to the tier that survives, if there is one, and closes the stores. Readers must have released their prefixes.
     */
    @Override
    public void close() throws IOException {
        settle();
        if (!lower.isEmpty()
                && lower.get(lower.size() - 1).tier() == Tier.DISK
                && writePolicy != WritePolicy.SELECTIVE) {
            saveToDisk(lower.get(lower.size() - 1));
        }
        for (LowerTier tier : lower) {
            tier.store().close();
        }
    }

    private void saveToDisk(LowerTier disk) {
        device.forEach(held -> copyFromDevice(disk, held.header(), held.address(), held.hits()));
        if (lower.size() > 1) {
            lower.get(0).segments().forEach(segment -> passOn(lower.get(0), segment));
        }
        settle();
    }

    /** Copies a segment of the device to the tier below, unless it is there; where that is full, to the one below that. */
    void copyDown(SegmentHeader header, SlotAddress from, int hits) {
        for (LowerTier tier : lower) {
            if (copyFromDevice(tier, header, from, hits)) {
                return;
            }
        }
    }

    /** Returns the copy of a segment in the fastest tier below the device that has one. */
    @Nullable
    StoredSegment copyOf(SegmentHeader header) {
        return lower.stream()
                .map(tier -> tier.find(header))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    /** Returns whether the tier has the segment, or will. */
    private boolean copyFromDevice(LowerTier to, SegmentHeader header, SlotAddress from, int hits) {
        if (to.find(header) != null) {
            return true;
        }
        Optional<StoredSegment> placed = place(to, header, hits);
        if (placed.isEmpty()) {
            return false;
        }
        StoredSegment segment = placed.get();
        copying[from.slot()]++;
        mover.submit(() -> to.store().write(segment.slot, header, storage.slot(from.slot())), (failure, nanos) -> {
            if (--copying[from.slot()] == 0) {
                device.onCopied(from);
            }
            wrote(to, segment, failure);
        });
        return true;
    }

    private Optional<StoredSegment> place(LowerTier to, SegmentHeader header, int hits) {
        // What would be lost with an eviction is passed on first, and stays until it's there.
        Optional<StoredSegment> placed =
                to.place(header, hits, segment -> isWorthKeeping(segment.hits) && passOn(to, segment));
        if (placed.isEmpty() && to == lower.get(lower.size() - 1)) {
            to.tally.failed("full"); // elsewhere the next tier is asked
        }
        return placed;
    }

    private boolean isWorthKeeping(int hits) {
        return writePolicy != WritePolicy.SELECTIVE || hits >= selectiveHits;
    }

    private void wrote(LowerTier tier, StoredSegment segment, @Nullable IOException failure) {
        if (failure != null) {
            tier.tally.failed("write");
            tier.drop(segment);
            return;
        }
        tier.written(segment);
        tier.tally.demoted(1);
        if (writePolicy == WritePolicy.THROUGH) {
            passOn(tier, segment);
        }
    }

    /** Copies a written segment of a lower tier to the one below that, unless it is there. Returns whether a copy is under way. */
    private boolean passOn(LowerTier from, StoredSegment segment) {
        int below = lower.indexOf(from) + 1;
        if (below == lower.size() || !segment.written) {
            return false;
        }
        LowerTier to = lower.get(below);
        SegmentHeader header = segment.header;
        if (to.find(header) != null) {
            return false;
        }
        Optional<StoredSegment> placed = place(to, header, segment.hits);
        if (placed.isEmpty()) {
            return false;
        }
        StoredSegment copy = placed.get();
        from.pin(segment);
        mover.submit(
                () -> {
                    ByteBuffer buffer = scratch.get().clear();
                    from.store().read(segment.slot, header, buffer);
                    to.store().write(copy.slot, header, buffer.flip());
                },
                (failure, nanos) -> {
                    from.unpin(segment);
                    wrote(to, copy, failure);
                });
        return true;
    }

    private void erase(LowerTier tier, StoredSegment segment) {
        mover.submit(() -> tier.store().erase(segment.slot), (failure, nanos) -> {
            if (failure != null) {
                tier.tally.failed("erase");
            }
            tier.erased(segment);
        });
    }

    // Loads

    /** Returns where the segments behind a prefix can be had from, as far as they can be had without a gap. */
    private List<Load.Source> sources(
            SegmentId root, PinnedPrefix prefix, int[] tokens, int length, double computeNanos) {
        int size = layout().segmentTokens();
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

    private void begin(Load load, int index) {
        StoredSegment segment = load.source(index).segment();
        if (segment.written) {
            read(load, index);
        } else if (!load.source(index).tier().isHere(segment)) {
            // Its write failed while room was made for it.
            load.arrive(index, false);
        } else {
            segment.awaiting.add(() -> {
                if (segment.written) {
                    read(load, index);
                } else {
                    load.arrive(index, false);
                }
            });
        }
    }

    /** Reads a pinned segment. */
    private void read(Load load, int index) {
        LowerTier tier = load.source(index).tier();
        StoredSegment segment = load.source(index).segment();
        SlotAddress to = load.slot(index);
        mover.submit(
                () -> tier.store().read(segment.slot, segment.header, storage.slot(to.slot())), (failure, nanos) -> {
                    tier.unpin(segment);
                    if (failure == null) {
                        costs.learn(tier.tier(), nanos);
                        tier.tally.promoted(1);
                    } else {
                        tier.tally.failed(failure instanceof BadSegmentException ? "bad" : "read");
                        if (segment.pins == 0) {
                            tier.drop(segment);
                        }
                    }
                    load.arrive(index, failure == null);
                });
    }

    /** Indexes segments that have arrived. */
    PinnedPrefix index(PinnedPrefix prefix, int[] tokens, List<SlotAddress> addresses) {
        loading -= addresses.size();
        return insert(prefix, tokens, addresses);
    }

    /** Frees a slot whose load has come to nothing. */
    void giveBack(SlotAddress address) {
        loading--;
        device.free(List.of(address));
    }

    private SegmentHeader header(PinnedPrefix prefix, int[] tokens, int index) {
        int size = layout().segmentTokens();
        int[] own = Arrays.copyOfRange(tokens, index * size, (index + 1) * size);
        return new SegmentHeader(
                prefix.root(), index == 0 ? prefix.root() : prefix.id(index - 1), prefix.id(index), own);
    }

    private LowerTier below(Tier tier) {
        return lower.stream()
                .filter(candidate -> candidate.tier() == tier)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("this pool has no tier " + tier));
    }
}
