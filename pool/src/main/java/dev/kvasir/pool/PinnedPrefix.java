package dev.kvasir.pool;

/**
 * A run of sealed segments from the root of the prefix tree, pinned for one reader: none of them is evicted or moved until
 * {@link MemPool#release}. Obtained from {@link MemPool#match}, grown by {@link MemPool#insert}.
 *
 * <p>A handle is used by its owner only and is dead after it was released or handed to {@code insert}.
 */
public interface PinnedPrefix {
    /** Returns where its identity chain starts: model and tenant. */
    SegmentId root();

    /** Returns how many segments it covers, maybe 0. */
    int segments();

    /** Returns how many tokens it covers, a multiple of {@code segmentTokens}. */
    int tokens();

    /** Returns where segment {@code index} lies; stable until the release. */
    SlotAddress address(int index);

    /** Returns the identity of segment {@code index}. */
    SegmentId id(int index);

    /**
     * Returns what a step's segment table says for segment {@code index}: the slot of this node's device that it lies in, or a negative number that
     * names a segment on {@linkplain Borrowed loan} from another node.
     */
    default int reference(int index) {
        return address(index).slot();
    }

    /** Returns whether all of it can still be read. What another node has lent may be lost at any time; then the rest is of no use. */
    default boolean isIntact() {
        return true;
    }
}
