package dev.kvasir.pool;

import java.io.IOException;
import java.nio.ByteBuffer;

/** The memory of one tier: slots of equal size. The pool keeps the books; who allocated the memory frees it. */
public interface SlotStorage {
    /** Returns how many slots there are. */
    int slots();

    /** Writes a slot's bytes. */
    interface Writer {
        /**
         * Writes.
         *
         * @param to as many bytes as a slot has; all of them must be written
         */
        void write(ByteBuffer to) throws IOException;
    }

    /** Returns the bytes of a slot. */
    default int slotBytes() {
        return slot(0).remaining();
    }

    /**
     * Returns a slot's bytes for reading, native byte order: a view where Java can see the memory, else a copy of what is there now. Thread-safe, like {@link #fill}.
     */
    default ByteBuffer bytes(int slot) {
        return slot(slot);
    }

    /**
     * Has a slot written, at once or, where Java can't see the memory, by a copy that is over when this returns.
     *
     * @throws IOException as the writer does; the slot's content is undefined then
     */
    default void fill(int slot, Writer writer) throws IOException {
        writer.write(slot(slot));
    }

    /**
     * Returns the bytes of a slot, native byte order, position 0, limit {@link KvLayout#segmentBytes()}: a view, not a copy.
     *
     * @throws UnsupportedOperationException if it lies where Java can't see it: on a device
     */
    ByteBuffer slot(int slot);

    /**
     * Fills a slot with zeros. The pool does so when it hands a slot out: padded attention multiplies what lies beyond a
     * sequence's end by a weight of 0, and 0 x NaN would poison the whole batch.
     */
    void clear(int slot);
}
