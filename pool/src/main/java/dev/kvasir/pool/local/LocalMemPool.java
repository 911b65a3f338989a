package dev.kvasir.pool.local;

import dev.kvasir.pool.KvLayout;
import dev.kvasir.pool.MemPool;
import dev.kvasir.pool.Move;
import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.PoolEvents;
import dev.kvasir.pool.PoolReport;
import dev.kvasir.pool.PoolUsage;
import dev.kvasir.pool.SegmentHeader;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SegmentIdentity;
import dev.kvasir.pool.SlotAddress;
import dev.kvasir.pool.SlotStorage;
import dev.kvasir.pool.TenantReport;
import dev.kvasir.pool.TenantReports;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.TierReport;
import dev.kvasir.pool.TierSurvey;
import dev.kvasir.pool.eviction.EvictionPolicy;
import dev.kvasir.pool.tree.PrefixTree;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** One node's KV pool: a slot table and a prefix tree over the same slots. Not thread-safe. */
public final class LocalMemPool implements MemPool {
    /*
     * The two halves know nothing of each other: the table has no idea what a sealed slot holds, the tree has no idea
     * what a slot is. What holds them together is one equation, sealed slots = segments of the tree, and every method here
     * keeps it: insert seals what the tree takes, evict and delete unseal what the tree gives up.
     *
     * alloc is all or nothing without a search: the tree guarantees that every unpinned segment can be evicted, so that
     * what can be had is free + segments - pinned. See PrefixTree for structure, cost and papers.
     */

    private final KvLayout layout;
    private final SlotTable device;
    private final PrefixTree tree;
    private final Copies copies;
    private final TierTally tally;
    private final EvictionPolicy policy;
    private final SlotTenants tenants;
    private final SegmentTimes times;
    private final LookUps lookUps;

    private Residence residence = Residence.NONE;
    private long inserted;
    private long duplicates;

    /**
     * Creates a pool in which all slots are free.
     *
     * @param node the number of this node in addresses
     * @param storage memory of the device tier, with slots of {@code layout}; stays its owner's
     * @param policy which segments go first; this pool's alone from now on
     */
    public LocalMemPool(KvLayout layout, int node, SlotStorage storage, EvictionPolicy policy) {
        this(layout, node, storage, policy, Copies.NONE, () -> 0, PoolEvents.NONE);
    }

    /**
     * Creates a pool whose segments are copied elsewhere.
     *
     * @param copies told of what is evicted; knows which slots are being read
     * @param nanoTime a monotonic clock
     * @param events told of single segments
     */
    public LocalMemPool(
            KvLayout layout,
            int node,
            SlotStorage storage,
            EvictionPolicy policy,
            Copies copies,
            LongSupplier nanoTime,
            PoolEvents events) {
        if (storage.slots() < 1) {
            throw new IllegalArgumentException("a pool needs at least one slot, not " + storage.slots());
        }
        int bytes = storage.slotBytes();
        if (bytes != layout.segmentBytes()) {
            throw new IllegalArgumentException(
                    "slots have " + bytes + " bytes, a segment needs " + layout.segmentBytes());
        }
        this.layout = layout;
        this.device = new SlotTable(node, Tier.DEVICE, storage);
        this.copies = copies;
        this.policy = policy;
        this.tenants = new SlotTenants(storage.slots(), policy);
        this.tree = new PrefixTree(layout.segmentTokens(), policy);
        this.tally = new TierTally(layout.segmentTokens());
        this.times = new SegmentTimes(Tier.DEVICE, storage.slots(), nanoTime, events);
        this.lookUps = new LookUps(times);
    }

    /** Has a listener told of what comes and goes from now on. */
    public void watch(Residence listener) {
        residence = listener;
    }

    @Override
    public KvLayout layout() {
        return layout;
    }

    @Override
    public int capacity(Tier tier) {
        return table(tier).slots();
    }

    @Override
    public Optional<List<SlotAddress>> alloc(int count, Tier tier) {
        if (count < 0) {
            throw new IllegalArgumentException("cannot allocate " + count + " slots");
        }
        SlotTable slots = table(tier);
        int missing = missing(count, tier);
        if (missing > tree.segments() - tree.pinned()) {
            return Optional.empty();
        }
        if (missing > 0 && evict(missing, copies::onEvict) < missing) {
            throw new IllegalStateException("nothing can be evicted, though " + tree.pinned() + " of " + tree.segments()
                    + " segments are pinned");
        }
        while (slots.free() < count) {
            // What drains is as good as free, but for a moment.
            copies.await();
        }
        return Optional.of(slots.take(count));
    }

    @Override
    public Optional<List<SlotAddress>> alloc(int count, Tier tier, SegmentId root) {
        long tenant = SegmentIdentity.tenant(root);
        if (missing(count, tier) > tree.segments() - tree.pinned()) {
            return Optional.empty(); // before anything goes for nothing
        }
        int excess = policy.excess(tenant, count);
        for (int gone = 0; gone < excess; gone++) {
            if (!evictOne(tree.evictOf(tenant), copies::onEvict)) {
                break; // the rest is in use
            }
        }
        Optional<List<SlotAddress>> slots = alloc(count, tier);
        slots.ifPresent(taken -> taken.forEach(address -> tenants.take(address, tenant)));
        return slots;
    }

    /** Returns how many segments have to go for so many slots. */
    private int missing(int count, Tier tier) {
        SlotTable slots = table(tier);
        return count - slots.free() - slots.draining();
    }

    @Override
    public int roomFor(SegmentId root) {
        return policy.room(SegmentIdentity.tenant(root));
    }

    /** Returns how many slots a tenant may hold, {@link TenantReport#NO_QUOTA} if that isn't limited. */
    public long quota() {
        return policy.quota();
    }

    @Override
    public void free(List<SlotAddress> addresses) {
        addresses.forEach(this::giveBack);
    }

    private void giveBack(SlotAddress address) {
        device.giveBack(address);
        tenants.leave(address);
    }

    @Override
    public PinnedPrefix match(SegmentId root, int[] tokens, int length) {
        int matchable = matchableSegments(tokens, length);
        PinnedPrefix prefix = tree.match(root, tokens, matchable);
        tally.lookedUp(matchable, prefix.segments());
        lookUps.found(prefix);
        return prefix;
    }

    @Override
    public PinnedPrefix pin(SegmentId root, int[] tokens, int length) {
        return tree.pin(root, tokens, matchableSegments(tokens, length));
    }

    @Override
    public int matchedTokens(SegmentId root, int[] tokens, int length) {
        return tree.matched(root, tokens, matchableSegments(tokens, length)) * layout.segmentTokens();
    }

    @Override
    public PinnedPrefix insert(PinnedPrefix prefix, int[] tokens, List<SlotAddress> addresses) {
        checkWriting(addresses);
        BitSet unused = new BitSet();
        long tenant = SegmentIdentity.tenant(prefix.root());
        int before = prefix.segments();
        PinnedPrefix grown = tree.insert(prefix, tokens, addresses, address -> unused.set(address.slot()));
        lookUps.settle(prefix, grown);
        for (int i = 0; i < addresses.size(); i++) {
            SlotAddress address = addresses.get(i);
            if (unused.get(address.slot())) {
                giveBack(address);
                duplicates++;
            } else {
                device.seal(address);
                tenants.seal(address, tenant);
                times.came(address.slot());
                inserted++;
                residence.onHere(header(grown, tokens, before + i));
            }
        }
        return grown;
    }

    private SegmentHeader header(PinnedPrefix prefix, int[] tokens, int index) {
        int size = layout.segmentTokens();
        SegmentId parent = index == 0 ? prefix.root() : prefix.id(index - 1);
        return new SegmentHeader(
                prefix.root(), parent, prefix.id(index), Arrays.copyOfRange(tokens, index * size, (index + 1) * size));
    }

    /** There is no tier below. */
    @Override
    public Move swapOut(int count) {
        return Move.NONE;
    }

    /** There is no tier below. */
    @Override
    public Move swapIn(SegmentId root, int[] tokens, int length, double computeNanos) {
        return Move.NONE;
    }

    /** Nothing is ever under way. */
    @Override
    public boolean poll() {
        return false;
    }

    @Override
    public void release(PinnedPrefix prefix) {
        lookUps.settle(prefix, prefix);
        tree.release(prefix);
    }

    @Override
    public void giveUp(PinnedPrefix prefix) {
        int found = prefix.segments();
        tally.gaveUp(tree.giveUp(prefix), found);
        lookUps.forget(prefix);
    }

    /**
     * {@inheritDoc}
     *
     * <p>Only whole segments are indexed: where {@code tokens} has fewer than {@code segmentTokens}, nothing is dropped.
     */
    @Override
    public int delete(SegmentId root, int[] tokens) {
        int before = device.free();
        int draining = device.draining();
        tree.delete(root, tokens, this::leave);
        return device.free() - before + device.draining() - draining;
    }

    /** Tells of the segments that {@link #delete} would drop, and of those that are pinned. */
    public void forEachBelow(SegmentId root, int[] tokens, Consumer<SegmentId> each) {
        tree.forEachBelow(root, tokens, each);
    }

    @Override
    public PoolUsage usage(Tier tier) {
        SlotTable slots = table(tier);
        return new PoolUsage(
                slots.slots(),
                slots.free(),
                slots.writing() + slots.draining(),
                slots.draining(),
                slots.sealed(),
                tree.pinned(),
                inserted,
                duplicates,
                tally.evictions());
    }

    @Override
    public int evict(Tier tier, int count) {
        if (count < 0) {
            throw new IllegalArgumentException("cannot evict " + count + " segments");
        }
        table(tier);
        int evictable = Math.min(count, tree.segments() - tree.pinned());
        return evict(evictable, held -> {});
    }

    @Override
    public List<TierReport> tiers() {
        long bytes = (long) device.slots() * layout.segmentBytes();
        return List.of(new TierReport(Tier.DEVICE, bytes, usage(Tier.DEVICE), tally.counters()));
    }

    /**
     * {@inheritDoc}
     *
     * <p>A prefix is listed for each run of the tree, so one that others continue is listed beside them.
     */
    @Override
    public PoolReport report(int topPrefixes) {
        return new PoolReport(tiers(), tree.topPrefixes(topPrefixes), tenants().most(quota()));
    }

    /** Returns what each tenant holds here. */
    public TenantReports tenants() {
        TenantReports held = new TenantReports();
        tree.segmentsByRoot()
                .forEach((root, byTier) -> byTier.forEach((tier, segments) -> held.add(root, tier, segments)));
        return held;
    }

    @Override
    public List<TierSurvey> survey() {
        TierSurvey survey = TierSurvey.ofFree(Tier.DEVICE, device.slots());
        device.survey(survey);
        tree.survey(survey);
        return List.of(survey);
    }

    @Override
    public Optional<int[]> content(SegmentId id) {
        return tree.tokens(id);
    }

    @Override
    public void checkInvariants() {
        device.checkInvariants();
        BitSet held = new BitSet(device.slots());
        tree.checkInvariants(address -> {
            if (!device.isSealed(address)) {
                throw new IllegalStateException("a segment lies at " + address + ", which is not sealed");
            }
            if (held.get(address.slot())) {
                throw new IllegalStateException("two segments lie at " + address);
            }
            held.set(address.slot());
        });
        if (held.cardinality() != device.sealed()) {
            throw new IllegalStateException(
                    device.sealed() + " slots are sealed, but the tree holds " + held.cardinality() + " segments");
        }
        tenants.check(tree.segmentsByRoot());
    }

    /** Lets go of what the tree has just given up. Returns whether there was something. */
    private boolean evictOne(Optional<PrefixTree.Held> victim, Consumer<PrefixTree.Held> onVictim) {
        victim.ifPresent(held -> {
            onVictim.accept(held);
            leave(held);
            tally.evicted(1);
        });
        return victim.isPresent();
    }

    /** A segment has left the tree. Its slot is free once nobody copies from it. */
    private void leave(PrefixTree.Held held) {
        SlotAddress address = held.address();
        residence.onGone(held.header().id());
        tenants.leave(address);
        times.gone(address.slot());
        if (copies.isCopying(address)) {
            device.drain(address);
        } else {
            device.unseal(address);
        }
    }

    /** Says that nobody copies from a slot any more. */
    public void onCopied(SlotAddress address) {
        if (device.isDraining(address)) {
            device.drained(address);
        }
    }

    /**
     * Evicts up to {@code count} of the least valuable segments.
     *
     * @param onVictim told of each before its slot is given back
     * @return how many went; their slots may take a moment to be free
     */
    public int evict(int count, Consumer<PrefixTree.Held> onVictim) {
        int gone = 0;
        while (gone < count && evictOne(tree.evict(), onVictim)) {
            gone++;
        }
        return gone;
    }

    /** Tells of every segment, parents before their children. */
    public void forEach(Consumer<PrefixTree.Held> each) {
        tree.forEach(each);
    }

    /** Checks all before anything changes. */
    private void checkWriting(List<SlotAddress> addresses) {
        BitSet seen = new BitSet();
        for (SlotAddress address : addresses) {
            device.checkWriting(address);
            if (seen.get(address.slot())) {
                throw new IllegalStateException("slot " + address.slot() + " is offered twice");
            }
            seen.set(address.slot());
        }
    }

    /** Returns how many segments of a prompt may come from the tree; its last token never does. */
    private int matchableSegments(int[] tokens, int length) {
        if (length < 0 || length > tokens.length) {
            throw new IllegalArgumentException("cannot match " + length + " of " + tokens.length + " tokens");
        }
        return Math.max(0, length - 1) / layout.segmentTokens();
    }

    private SlotTable table(Tier tier) {
        if (tier != Tier.DEVICE) {
            throw new IllegalArgumentException("this pool has no tier " + tier);
        }
        return device;
    }
}
