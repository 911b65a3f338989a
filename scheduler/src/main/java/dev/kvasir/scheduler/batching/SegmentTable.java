package dev.kvasir.scheduler.batching;

import dev.kvasir.pool.MemPool;
import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.SlotAddress;
import dev.kvasir.pool.Tier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A sequence's segments in order, and the slots that it must give back.
 *
 * <pre>
 * segments
 *   [0, sealed)       in the prefix tree, pinned for this sequence
 *   [sealed, size)    writing slots that this sequence alone owns
 * </pre>
 */
final class SegmentTable {
    private static final int INITIAL_SEGMENTS = 8;

    private final int segmentTokens;
    private final List<SlotAddress> writing = new ArrayList<>();
    private @Nullable PinnedPrefix prefix;
    private int[] slots =
            new int[INITIAL_SEGMENTS]; // (segment) -> slot or loan; grown, never rebuilt: it is lent to every step
    private int size;

    SegmentTable(int segmentTokens) {
        this.segmentTokens = segmentTokens;
    }

    /** Starts with a matched prefix, which is released by {@link #close}. */
    void open(PinnedPrefix matched) {
        if (prefix != null) {
            throw new IllegalStateException("the table is open already, with " + size + " segments");
        }
        prefix = matched;
        size = 0;
        growTo(matched.segments());
        copyFrom(matched, 0);
        size = matched.segments();
    }

    /** Takes slots until {@code tokens} tokens have room. Returns whether the pool had them; if not, nothing changed. */
    boolean reserve(MemPool pool, int tokens) {
        int missing = segmentsFor(tokens) - size;
        if (missing <= 0) {
            return true;
        }
        Optional<List<SlotAddress>> taken = pool.alloc(missing, Tier.DEVICE, opened().root());
        if (taken.isEmpty()) {
            return false;
        }
        growTo(size + missing);
        for (SlotAddress address : taken.get()) {
            writing.add(address);
            slots[size++] = address.slot();
        }
        return true;
    }

    /** Seals every segment that {@code computed} tokens fill. The tree may answer with another slot of the same content. */
    void seal(MemPool pool, int[] tokens, int computed) {
        PinnedPrefix open = opened();
        int sealed = open.segments();
        int full = computed / segmentTokens - sealed;
        if (full <= 0) {
            return;
        }
        List<SlotAddress> filled = writing.subList(0, full);
        PinnedPrefix grown = pool.insert(open, tokens, List.copyOf(filled));
        filled.clear();
        copyFrom(grown, sealed);
        prefix = grown;
    }

    /** Gives everything back: unpins the prefix and frees the writing slots. Does nothing on a closed table. */
    void close(MemPool pool) {
        PinnedPrefix open = prefix;
        if (open == null) {
            return;
        }
        pool.free(writing);
        writing.clear();
        prefix = null;
        size = 0;
        pool.release(open);
    }

    boolean isOpen() {
        return prefix != null;
    }

    /** Returns the segments that have a slot. */
    int size() {
        return size;
    }

    int sealedSegments() {
        return prefix == null ? 0 : prefix.segments();
    }

    int sealedTokens() {
        return sealedSegments() * segmentTokens;
    }

    /** Returns how many tokens lie on other nodes. */
    int remoteTokens() {
        int segments = 0;
        for (int i = 0; i < sealedSegments(); i++) {
            segments += slots[i] < 0 ? 1 : 0;
        }
        return segments * segmentTokens;
    }

    /** Returns whether every segment of the prefix can still be read. */
    boolean isIntact() {
        return prefix == null || prefix.isIntact();
    }

    /** Returns the slots in order, negative numbers for {@linkplain PinnedPrefix#reference loans}, valid in {@code [0, size)}: the table's own array, to be read only. */
    int[] slots() {
        return slots;
    }

    int segmentsFor(int tokens) {
        return (tokens + segmentTokens - 1) / segmentTokens;
    }

    /** Checks that the lent array says what prefix and writing slots say. */
    void check() {
        int sealed = sealedSegments();
        if (size != sealed + writing.size()) {
            throw new IllegalStateException(
                    "a table of " + size + " segments has " + sealed + " sealed and " + writing.size() + " writing");
        }
        for (int i = 0; i < size; i++) {
            int slot =
                    i < sealed ? opened().reference(i) : writing.get(i - sealed).slot();
            if (slots[i] != slot) {
                throw new IllegalStateException(
                        "segment " + i + " lies in slot " + slot + ", the table says " + slots[i]);
            }
        }
    }

    private PinnedPrefix opened() {
        if (prefix == null) {
            throw new IllegalStateException("the table is closed");
        }
        return prefix;
    }

    private void copyFrom(PinnedPrefix source, int from) {
        for (int i = from; i < source.segments(); i++) {
            slots[i] = source.reference(i);
        }
    }

    private void growTo(int segments) {
        if (segments > slots.length) {
            slots = Arrays.copyOf(slots, Math.max(segments, slots.length * 2));
        }
    }
}
