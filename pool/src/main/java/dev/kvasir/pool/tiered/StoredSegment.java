package dev.kvasir.pool.tiered;

import dev.kvasir.pool.SegmentHeader;
import dev.kvasir.pool.SegmentIdentity;
import dev.kvasir.pool.eviction.Evictable;
import java.util.ArrayList;
import java.util.List;

/** A segment in a lower tier. Only its {@link LowerTier} changes it. */
final class StoredSegment implements Evictable {
    final SegmentHeader header;
    final int slot;
    final List<Runnable> awaiting = new ArrayList<>(); // told when it's written, or can't be
    boolean written; // can be read
    int pins; // reads and copies under way
    int hits;
    long lastUse;
    boolean evictable; // the policy knows it
    boolean condemned; // deleted, and goes as soon as nothing reads or writes it

    StoredSegment(SegmentHeader header, int slot) {
        this.header = header;
        this.slot = slot;
    }

    @Override
    public long lastUse() {
        return lastUse;
    }

    @Override
    public int hits() {
        return hits;
    }

    @Override
    public long tenant() {
        return SegmentIdentity.tenant(header.root());
    }

    @Override
    public long content() {
        return header.id().w0();
    }

    @Override
    public String toString() {
        return header + " in slot " + slot + (written ? "" : ", being written");
    }
}
