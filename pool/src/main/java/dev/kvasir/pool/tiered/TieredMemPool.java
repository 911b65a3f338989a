package dev.kvasir.pool.tiered;

import dev.kvasir.pool.KvLayout;
import dev.kvasir.pool.MemPool;
import dev.kvasir.pool.Move;
import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.PoolEvents;
import dev.kvasir.pool.PoolReport;
import dev.kvasir.pool.PoolUsage;
import dev.kvasir.pool.SegmentHeader;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SlotAddress;
import dev.kvasir.pool.SlotStorage;
import dev.kvasir.pool.TenantReports;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.TierReport;
import dev.kvasir.pool.TierSurvey;
import dev.kvasir.pool.eviction.EvictionPolicy;
import dev.kvasir.pool.local.LocalMemPool;
import dev.kvasir.pool.local.Residence;
import dev.kvasir.pool.store.SegmentStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

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
    private final LowerTiers lower;
    private final WritePolicy writePolicy;
    private final Mover mover;
    private final Demotion demotion;
    private final Loading loading;

    /**
     * Creates a pool whose device is empty and that tells nobody of single segments.
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
        this(layout, node, storage, policy, below, writePolicy, selectiveHits, mover, PoolEvents.NONE);
    }

    /**
     * Creates a pool whose device is empty.
     *
     * @param events told of single segments, on the pool's thread
     */
    public TieredMemPool(
            KvLayout layout,
            int node,
            SlotStorage storage,
            EvictionPolicy policy,
            List<Below> below,
            WritePolicy writePolicy,
            int selectiveHits,
            Mover mover,
            PoolEvents events) {
        this.writePolicy = writePolicy;
        this.mover = mover;
        lower = new LowerTiers(below.stream()
                .map(tier -> lowerTier(tier, layout, mover.nanoTime(), events))
                .toList());
        lower.forEach(tier -> tier.onDropped(segment -> erase(tier, segment)));
        demotion =
                new Demotion(lower, storage, layout.segmentBytes(), writePolicy, selectiveHits, mover, this::onCopied);
        device = new LocalMemPool(layout, node, storage, policy, demotion, mover.nanoTime(), events);
        loading = new Loading(lower, device, storage, mover, this::insert);
    }

    private static LowerTier lowerTier(Below below, KvLayout layout, LongSupplier nanoTime, PoolEvents events) {
        int bytes = below.store().segmentBytes();
        if (bytes != layout.segmentBytes()) {
            throw new IllegalArgumentException(
                    below.tier() + " has slots of " + bytes + " bytes, a segment has " + layout.segmentBytes());
        }
        return new LowerTier(below.tier(), below.store(), below.policy(), layout.segmentTokens(), nanoTime, events);
    }

    private void onCopied(SlotAddress address) {
        device.onCopied(address);
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
        return tier == Tier.DEVICE ? device.capacity(tier) : lower.get(tier).slots();
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
                demotion.copyDown(header(grown, tokens, i), grown.address(i), 0);
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
        return lower.isEmpty() ? Move.NONE : SwapOut.of(device, demotion, lower, count);
    }

    @Override
    public Move swapIn(SegmentId root, int[] tokens, int length, double computeNanos) {
        return lower.isEmpty() ? Move.NONE : loading.begin(root, tokens, length, computeNanos);
    }

    @Override
    public boolean poll() {
        return mover.poll();
    }

    @Override
    public int delete(SegmentId root, int[] tokens) {
        if (lower.isEmpty() || tokens.length < layout().segmentTokens()) {
            return device.delete(root, tokens);
        }
        Set<SegmentId> held = new HashSet<>();
        device.forEachBelow(root, tokens, held::add);
        SegmentHeader first = SegmentHeader.next(root, root, tokens, 0, layout().segmentTokens());
        return device.delete(root, tokens) + lower.dropBelow(first, held);
    }

    @Override
    public PoolUsage usage(Tier tier) {
        if (tier != Tier.DEVICE) {
            return lower.get(tier).usage();
        }
        PoolUsage usage = device.usage(tier);
        return new PoolUsage(
                usage.slots(),
                usage.free(),
                usage.writing(),
                usage.moving() + loading.slots(),
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
        LowerTier from = lower.get(tier);
        int gone = 0;
        while (gone < count && from.dropOne()) {
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
        TenantReports held = device.tenants();
        for (LowerTier tier : lower) {
            tier.segments().forEach(segment -> held.add(segment.header.root(), tier.tier(), 1));
        }
        return new PoolReport(tiers(), device.report(topPrefixes).topPrefixes(), held.most(device.quota()));
    }

    @Override
    public List<TierSurvey> survey() {
        List<TierSurvey> surveys = new ArrayList<>(device.survey());
        lower.forEach(tier -> surveys.add(tier.survey()));
        return surveys;
    }

    @Override
    public Optional<int[]> content(SegmentId id) {
        Optional<int[]> tokens = device.content(id);
        for (LowerTier tier : lower) {
            tokens = tokens.or(() -> tier.tokens(id));
        }
        return tokens;
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
        if (writePolicy != WritePolicy.SELECTIVE) {
            lower.disk().ifPresent(this::saveTo);
        }
        for (LowerTier tier : lower) {
            tier.store().close();
        }
    }

    private void saveTo(LowerTier disk) {
        device.forEach(held -> demotion.copyFromDevice(disk, held.header(), held.address(), held.hits()));
        lower.forEach(tier -> tier.segments().forEach(segment -> demotion.passOn(tier, segment)));
        settle();
    }

    private void erase(LowerTier tier, StoredSegment segment) {
        mover.submit(() -> tier.store().erase(segment.slot), (failure, nanos) -> {
            if (failure != null) {
                tier.failed("erase", failure);
            }
            tier.erased(segment);
        });
    }

    private SegmentHeader header(PinnedPrefix prefix, int[] tokens, int index) {
        int size = layout().segmentTokens();
        int[] own = Arrays.copyOfRange(tokens, index * size, (index + 1) * size);
        return new SegmentHeader(
                prefix.root(), index == 0 ? prefix.root() : prefix.id(index - 1), prefix.id(index), own);
    }
}
