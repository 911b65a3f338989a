package dev.kvasir.pool.store;

import dev.kvasir.pool.SegmentHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The memory of a lower tier: numbered slots for whole segments. It keeps no books but those that survive a restart; which slot holds what is
 * its owner's to know. Reads and writes come from several threads, never two at once for the same slot.
 */
public interface SegmentStore extends AutoCloseable {
    /**
     * A segment that lay there when the store was opened.
     *
     * @param slot where
     * @param header what; genuine
     */
    record Found(int slot, SegmentHeader header) {}

    /** Returns how many slots there are. */
    int slots();

    /** Returns the bytes of a slot, those of a segment in the form in which it's given and taken. */
    int segmentBytes();

    /** Returns the memory of all slots, in bytes. */
    default long bytes() {
        return (long) slots() * segmentBytes();
    }

    /**
     * Returns the segments that were there when the store was opened, the latest written last, no segment twice. They haven't been read: that one is
     * whole shows when it is.
     */
    List<Found> found();

    /** Returns how many torn or flipped segments were found, and dropped, when the store was opened. */
    default int damaged() {
        return 0;
    }

    /**
     * Copies a segment in, over whatever lay there. It can be read when this returns.
     *
     * @param from {@link #segmentBytes()} remaining, which are consumed
     * @throws IOException if it couldn't be written; the slot holds nothing that could be taken for a segment then
     */
    void write(int slot, SegmentHeader header, ByteBuffer from) throws IOException;

    /**
     * Copies a segment out.
     *
     * @param to {@link #segmentBytes()} remaining, which are filled; after an exception their content is undefined
     * @throws BadSegmentException if not exactly that segment lies there, whole
     * @throws IOException if it couldn't be read
     */
    void read(int slot, SegmentHeader expected, ByteBuffer to) throws IOException;

    /** Makes sure that what lies there is found no more after a restart. */
    void erase(int slot) throws IOException;

    /** Lets the memory go. What was written survives where the store is of that kind. */
    @Override
    void close() throws IOException;
}
