package dev.kvasir.pool;

import java.nio.ByteBuffer;

/** The memory of one tier: slots of equal size. The pool keeps the books; who allocated the memory frees it. */
public interface SlotStorage {
    /** Returns how many slots there are. */
    int slots();

    /**
     * Returns the bytes of a slot, native byte order, position 0, limit {@link KvLayout#segmentBytes()}: a view, not a copy.
     */
    ByteBuffer slot(int slot);

    /**
     * Fills a slot with zeros. The pool does so when it hands a slot out: padded attention multiplies what lies beyond a
     * sequence's end by a weight of 0, and 0 x NaN would poison the whole batch.
     */
    void clear(int slot);
}
