package dev.kvasir.pool.tiered;

import dev.kvasir.pool.SegmentHeader;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.Tier;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The tiers below the device, from the faster to the slower. */
final class LowerTiers implements Iterable<LowerTier> {
    private final List<LowerTier> tiers;

    LowerTiers(List<LowerTier> tiers) {
        this.tiers = List.copyOf(tiers);
    }

    boolean isEmpty() {
        return tiers.isEmpty();
    }

    boolean isLast(LowerTier tier) {
        return tiers.get(tiers.size() - 1) == tier;
    }

    /** Returns the tier below another one. */
    Optional<LowerTier> below(LowerTier tier) {
        int next = tiers.indexOf(tier) + 1;
        return next == tiers.size() ? Optional.empty() : Optional.of(tiers.get(next));
    }

    /** Returns the tier that survives a restart, if there is one. */
    Optional<LowerTier> disk() {
        return tiers.stream().filter(tier -> tier.tier() == Tier.DISK).findFirst();
    }

    /**
     * Returns a tier by its kind.
     *
     * @throws IllegalArgumentException if there is none
     */
    LowerTier get(Tier kind) {
        return tiers.stream()
                .filter(tier -> tier.tier() == kind)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("this pool has no tier " + kind));
    }

    /** Returns the copy of a segment in the fastest tier that has one, or will. */
    @Nullable
    StoredSegment find(SegmentHeader header) {
        return tiers.stream()
                .map(tier -> tier.find(header))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    /**
     * Drops a segment and all that continues it. Which segments do, the tiers know together: one may lie in a tier and its parent in another.
     *
     * @param held segments of the device that continue it
     * @return how many copies were dropped
     */
    int dropBelow(SegmentHeader top, Set<SegmentId> held) {
        Set<SegmentId> reached = new HashSet<>(held);
        reached.add(top.id());
        Deque<SegmentId> ahead = new ArrayDeque<>(reached);
        int dropped = 0;
        while (!ahead.isEmpty()) {
            SegmentId parent = ahead.remove();
            for (LowerTier tier : tiers) {
                for (StoredSegment child : tier.continuing(parent)) {
                    if (!child.header.root().equals(top.root())) {
                        continue; // kept for itself
                    }
                    if (reached.add(child.header.id())) {
                        ahead.add(child.header.id());
                    }
                    tier.condemn(child);
                    dropped++;
                }
            }
        }
        for (LowerTier tier : tiers) {
            StoredSegment first = tier.find(top);
            if (first != null) {
                tier.condemn(first);
                dropped++;
            }
        }
        return dropped;
    }

    @Override
    public Iterator<LowerTier> iterator() {
        return tiers.iterator();
    }
}
