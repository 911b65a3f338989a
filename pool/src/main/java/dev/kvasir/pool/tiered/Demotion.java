package dev.kvasir.pool.tiered;

import dev.kvasir.pool.SegmentHeader;
import dev.kvasir.pool.SlotAddress;
import dev.kvasir.pool.SlotStorage;
import dev.kvasir.pool.local.Copies;
import dev.kvasir.pool.tree.PrefixTree;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Copies segments down: from the device to the tiers below it, and from one of these to the next. What would be lost by an eviction is passed on
 * before it goes.
 */
final class Demotion implements Copies {
    private final LowerTiers lower;
    private final SlotStorage storage;
    private final WritePolicy policy;
    private final int selectiveHits;
    private final Mover mover;
    private final Consumer<SlotAddress> onCopied;
    private final ThreadLocal<ByteBuffer> scratch;
    private final int[] copying; // (device slot) -> copies that read it

    /**
     * @param storage the device's memory
     * @param segmentBytes of a slot
     * @param onCopied told of a device slot from which nobody copies any more
     */
    Demotion(
            LowerTiers lower,
            SlotStorage storage,
            int segmentBytes,
            WritePolicy policy,
            int selectiveHits,
            Mover mover,
            Consumer<SlotAddress> onCopied) {
        this.lower = lower;
        this.storage = storage;
        this.policy = policy;
        this.selectiveHits = selectiveHits;
        this.mover = mover;
        this.onCopied = onCopied;
        scratch = ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(segmentBytes));
        copying = new int[storage.slots()];
    }

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

    /** Copies a segment of the device to the tier below, unless it is there; where that is full, to the one below that. */
    void copyDown(SegmentHeader header, SlotAddress from, int hits) {
        for (LowerTier tier : lower) {
            if (copyFromDevice(tier, header, from, hits)) {
                return;
            }
        }
    }

    /** Copies a segment of the device to a tier. Returns whether that has it, or will. */
    boolean copyFromDevice(LowerTier to, SegmentHeader header, SlotAddress from, int hits) {
        if (to.keep(header)) {
            return true;
        }
        Optional<StoredSegment> placed = place(to, header, hits);
        if (placed.isEmpty()) {
            return false;
        }
        StoredSegment segment = placed.get();
        copying[from.slot()]++;
        mover.submit(() -> to.store().write(segment.slot, header, storage.bytes(from.slot())), (failure, nanos) -> {
            if (--copying[from.slot()] == 0) {
                onCopied.accept(from);
            }
            wrote(to, segment, failure);
        });
        return true;
    }

    /** Copies a written segment of a lower tier to the one below that, unless it is there. Returns whether a copy is under way. */
    boolean passOn(LowerTier from, StoredSegment segment) {
        LowerTier to = lower.below(from).orElse(null);
        SegmentHeader header = segment.header;
        if (to == null || segment.condemned || !segment.written || to.keep(header)) {
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

    private Optional<StoredSegment> place(LowerTier to, SegmentHeader header, int hits) {
        // What would be lost with an eviction is passed on first, and stays until it's there.
        Optional<StoredSegment> placed =
                to.place(header, hits, segment -> isWorthKeeping(segment.hits) && passOn(to, segment));
        if (placed.isEmpty() && lower.isLast(to)) {
            to.tally.failed("full"); // elsewhere the next tier is asked
        }
        return placed;
    }

    private boolean isWorthKeeping(int hits) {
        return policy != WritePolicy.SELECTIVE || hits >= selectiveHits;
    }

    private void wrote(LowerTier tier, StoredSegment segment, @Nullable IOException failure) {
        if (failure != null) {
            tier.failed("write", failure);
            tier.drop(segment);
            return;
        }
        tier.written(segment);
        tier.tally.demoted(1);
        if (policy == WritePolicy.THROUGH) {
            passOn(tier, segment);
        }
    }
}
