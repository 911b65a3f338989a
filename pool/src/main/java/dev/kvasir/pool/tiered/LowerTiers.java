package dev.kvasir.pool.tiered;

import dev.kvasir.pool.SegmentHeader;
import dev.kvasir.pool.Tier;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
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

    @Override
    public Iterator<LowerTier> iterator() {
        return tiers.iterator();
    }
}
