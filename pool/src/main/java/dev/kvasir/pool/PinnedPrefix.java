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
}
