package dev.kvasir.pool.local;

import dev.kvasir.pool.KvLayout;
import dev.kvasir.pool.SlotStorage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.IntFunction;

/** Slots in ordinary memory, one buffer each, so that a tier may be larger than a buffer. */
public final class BufferSlotStorage implements SlotStorage {
    private static final byte[] ZEROS = new byte[64 * 1024]; // copied over a slot: many times faster than byte by byte

    private final ByteBuffer[] buffers;

    private BufferSlotStorage(int slotBytes, int slots, IntFunction<ByteBuffer> allocate) {
        if (slots < 1) {
            throw new IllegalArgumentException("a storage needs at least one slot, not " + slots);
        }
        buffers = new ByteBuffer[slots];
        for (int slot = 0; slot < slots; slot++) {
            buffers[slot] = allocate.apply(slotBytes);
        }
    }

    /** Allocates slots outside the Java heap, where a tensor or a file can use them without a copy. */
    public static BufferSlotStorage direct(KvLayout layout, int slots) {
        return direct(layout.segmentBytes(), slots);
    }

    /** Allocates slots of so many bytes outside the Java heap. */
    public static BufferSlotStorage direct(int slotBytes, int slots) {
        return new BufferSlotStorage(slotBytes, slots, ByteBuffer::allocateDirect);
    }

    /** Allocates slots on the Java heap. */
    public static BufferSlotStorage heap(KvLayout layout, int slots) {
        return new BufferSlotStorage(layout.segmentBytes(), slots, ByteBuffer::allocate);
    }

    @Override
    public int slots() {
        return buffers.length;
    }

    @Override
    public ByteBuffer slot(int slot) {
        return buffers[slot].duplicate().order(ByteOrder.nativeOrder());
    }

    @Override
    public void clear(int slot) {
        ByteBuffer buffer = buffers[slot];
        for (int at = 0; at < buffer.limit(); at += ZEROS.length) {
            buffer.put(at, ZEROS, 0, Math.min(ZEROS.length, buffer.limit() - at));
        }
    }
}
