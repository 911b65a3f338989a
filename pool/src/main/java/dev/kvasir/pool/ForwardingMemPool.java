package dev.kvasir.pool;

import java.util.List;
import java.util.Optional;

/** A pool on top of another one, which it hands every call on to. What it does otherwise, a subclass says. */
public abstract class ForwardingMemPool implements MemPool {
    private final MemPool below;

    /** Puts it on top of a pool, which is used through this one only from now on. */
    protected ForwardingMemPool(MemPool below) {
        this.below = below;
    }

    @Override
    public KvLayout layout() {
        return below.layout();
    }

    @Override
    public int capacity(Tier tier) {
        return below.capacity(tier);
    }

    @Override
    public Optional<List<SlotAddress>> alloc(int count, Tier tier) {
        return below.alloc(count, tier);
    }

    @Override
    public Optional<List<SlotAddress>> alloc(int count, Tier tier, SegmentId root) {
        return below.alloc(count, tier, root);
    }

    @Override
    public int roomFor(SegmentId root) {
        return below.roomFor(root);
    }

    @Override
    public void free(List<SlotAddress> addresses) {
        below.free(addresses);
    }

    @Override
    public PinnedPrefix match(SegmentId root, int[] tokens, int length) {
        return below.match(root, tokens, length);
    }

    @Override
    public PinnedPrefix pin(SegmentId root, int[] tokens, int length) {
        return below.pin(root, tokens, length);
    }

    @Override
    public int matchedTokens(SegmentId root, int[] tokens, int length) {
        return below.matchedTokens(root, tokens, length);
    }

    @Override
    public PinnedPrefix insert(PinnedPrefix prefix, int[] tokens, List<SlotAddress> addresses) {
        return below.insert(prefix, tokens, addresses);
    }

    @Override
    public void release(PinnedPrefix prefix) {
        below.release(prefix);
    }

    @Override
    public void giveUp(PinnedPrefix prefix) {
        below.giveUp(prefix);
    }

    @Override
    public int delete(SegmentId root, int[] tokens) {
        return below.delete(root, tokens);
    }

    @Override
    public Move swapOut(int count) {
        return below.swapOut(count);
    }

    @Override
    public Move swapIn(SegmentId root, int[] tokens, int length, double computeNanos) {
        return below.swapIn(root, tokens, length, computeNanos);
    }

    @Override
    public Transfer transfer(PinnedPrefix prefix, int from, int to, int node) {
        return below.transfer(prefix, from, to, node);
    }

    @Override
    public Transfer transferWithInsert(PinnedPrefix prefix, int[] tokens, int node) {
        return below.transferWithInsert(prefix, tokens, node);
    }

    @Override
    public List<TransferId> arrivals() {
        return below.arrivals();
    }

    @Override
    public Optional<Arrival> claim(TransferId id) {
        return below.claim(id);
    }

    @Override
    public boolean poll() {
        return below.poll();
    }

    @Override
    public int evict(Tier tier, int count) {
        return below.evict(tier, count);
    }

    @Override
    public int ownPins() {
        return below.ownPins();
    }

    @Override
    public int ownWriting() {
        return below.ownWriting();
    }

    @Override
    public PoolUsage usage(Tier tier) {
        return below.usage(tier);
    }

    @Override
    public List<TierReport> tiers() {
        return below.tiers();
    }

    @Override
    public PoolReport report(int topPrefixes) {
        return below.report(topPrefixes);
    }

    @Override
    public List<TierSurvey> survey() {
        return below.survey();
    }

    @Override
    public Optional<int[]> content(SegmentId id) {
        return below.content(id);
    }

    @Override
    public void checkInvariants() {
        below.checkInvariants();
    }
}
