package dev.kvasir.pool.tiered;

import dev.kvasir.pool.Move;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.local.LocalMemPool;
import org.jspecify.annotations.Nullable;

/** Segments on their way from the device to the tier below. */
final class SwapOut implements Move {
    private int expected;
    private int arrived;
    private int lost;
    private int tokens;

    private SwapOut() {}

    /** Evicts up to {@code count} segments of the device and copies them to the tier below. */
    static Move of(LocalMemPool device, Demotion demotion, LowerTiers lower, int count) {
        SwapOut move = new SwapOut();
        device.evict(count, held -> {
            demotion.copyDown(held.header(), held.address(), held.hits());
            move.await(lower.find(held.header()), device.layout().segmentTokens());
        });
        return move;
    }

    private void await(@Nullable StoredSegment copy, int segmentTokens) {
        expected++;
        if (copy == null) {
            lost++;
        } else if (copy.written) {
            arrive(segmentTokens);
        } else {
            copy.awaiting.add(() -> {
                if (copy.written) {
                    arrive(segmentTokens);
                } else {
                    lost++;
                }
            });
        }
    }

    private void arrive(int size) {
        arrived++;
        tokens += size;
    }

    @Override
    public boolean isDone() {
        return arrived + lost == expected;
    }

    @Override
    public int segments() {
        return arrived;
    }

    @Override
    public int tokensFrom(Tier tier) {
        return tier == Tier.DEVICE ? tokens : 0;
    }

    @Override
    public int left() {
        return 0;
    }

    @Override
    public void release() {
        // What is under way arrives anyway: the device's slots are given up.
    }
}
