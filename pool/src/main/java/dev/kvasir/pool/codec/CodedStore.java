package dev.kvasir.pool.codec;

import dev.kvasir.pool.SegmentHeader;
import dev.kvasir.pool.store.SegmentStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A store that keeps the coded form of what it's given, in another store. Coding happens on the thread that reads or writes.
 *
 * <p>A segment that can't be read is the other store's to find out: what lies there wrongly never reaches the codec.
 */
public final class CodedStore implements SegmentStore {
    private final SegmentStore store;
    private final SegmentCodec codec;
    private final ThreadLocal<ByteBuffer> scratch;

    /**
     * Puts a codec before a store.
     *
     * @param store closed with this one
     * @throws IllegalArgumentException if its slots aren't those of the coded form
     */
    public CodedStore(SegmentStore store, SegmentCodec codec) {
        if (store.segmentBytes() != codec.codedBytes()) {
            throw new IllegalArgumentException("slots of " + store.segmentBytes() + " bytes for segments coded in "
                    + codec.codedBytes() + " bytes");
        }
        this.store = store;
        this.codec = codec;
        scratch = ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(codec.codedBytes()));
    }

    @Override
    public int slots() {
        return store.slots();
    }

    @Override
    public int segmentBytes() {
        return codec.segmentBytes();
    }

    @Override
    public long bytes() {
        return store.bytes();
    }

    @Override
    public List<Found> found() {
        return store.found();
    }

    @Override
    public int damaged() {
        return store.damaged();
    }

    @Override
    public void write(int slot, SegmentHeader header, ByteBuffer from) throws IOException {
        ByteBuffer coded = scratch.get().clear();
        codec.encode(from, coded);
        store.write(slot, header, coded.flip());
    }

    @Override
    public void read(int slot, SegmentHeader expected, ByteBuffer to) throws IOException {
        ByteBuffer coded = scratch.get().clear();
        store.read(slot, expected, coded);
        codec.decode(coded.flip(), to);
    }

    @Override
    public void erase(int slot) throws IOException {
        store.erase(slot);
    }

    @Override
    public void close() throws IOException {
        store.close();
    }
}
