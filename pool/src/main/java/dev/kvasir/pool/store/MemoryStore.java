package dev.kvasir.pool.store;

import dev.kvasir.pool.SegmentHeader;
import dev.kvasir.pool.SlotStorage;
import java.nio.ByteBuffer;
import java.util.List;

/** The host tier's memory: slots outside the Java heap. Forgotten with the process. */
public final class MemoryStore implements SegmentStore {
    private final SlotStorage storage;
    private final int segmentBytes;

    /** Takes slots that nobody else uses; they stay their owner's to free. */
    public MemoryStore(SlotStorage storage) {
        this.storage = storage;
        this.segmentBytes = storage.slot(0).remaining();
    }

    @Override
    public int slots() {
        return storage.slots();
    }

    @Override
    public int segmentBytes() {
        return segmentBytes;
    }

    @Override
    public List<Found> found() {
        return List.of();
    }

    @Override
    public void write(int slot, SegmentHeader header, ByteBuffer from) {
        storage.slot(slot).put(from);
    }

    @Override
    public void read(int slot, SegmentHeader expected, ByteBuffer to) {
        to.put(storage.slot(slot));
    }

    @Override
    public void erase(int slot) {
        // Nothing survives anyway.
    }

    @Override
    public void close() {
        // The memory is its owner's.
    }
}
