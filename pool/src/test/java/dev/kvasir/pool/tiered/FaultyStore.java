package dev.kvasir.pool.tiered;

import dev.kvasir.pool.SegmentHeader;
import dev.kvasir.pool.store.BadSegmentException;
import dev.kvasir.pool.store.SegmentStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** A store in memory that fails with a given chance: writes and reads that don't go through, records that went bad. */
final class FaultyStore implements SegmentStore {
    private record Record(SegmentHeader header, byte[] bytes) {}

    private final int slots;
    private final int segmentBytes;
    private final SplittableRandom random;
    private final int percent;
    private final Map<Integer, Record> records;

    FaultyStore(int slots, int segmentBytes, SplittableRandom random, int percent) {
        this(slots, segmentBytes, random, percent, new HashMap<>());
    }

    private FaultyStore(
            int slots, int segmentBytes, SplittableRandom random, int percent, Map<Integer, Record> records) {
        this.slots = slots;
        this.segmentBytes = segmentBytes;
        this.random = random;
        this.percent = percent;
        this.records = records;
    }

    /** Returns what a restart finds. */
    FaultyStore reopened() {
        return new FaultyStore(slots, segmentBytes, random, percent, records);
    }

    @Override
    public int slots() {
        return slots;
    }

    @Override
    public int segmentBytes() {
        return segmentBytes;
    }

    @Override
    public List<Found> found() {
        Map<SegmentHeader, Found> unique = new HashMap<>();
        records.forEach((slot, record) -> unique.put(record.header, new Found(slot, record.header)));
        return List.copyOf(unique.values());
    }

    @Override
    public void write(int slot, SegmentHeader header, ByteBuffer from) throws IOException {
        records.remove(slot);
        fail("write");
        byte[] bytes = new byte[from.remaining()];
        from.get(bytes);
        records.put(slot, new Record(header, bytes));
    }

    @Override
    public void read(int slot, SegmentHeader expected, ByteBuffer to) throws IOException {
        fail("read");
        Record record = records.get(slot);
        if (record == null || !record.header.equals(expected)) {
            throw new BadSegmentException("slot " + slot + " holds another segment than " + expected);
        }
        if (random.nextInt(100) < percent) {
            // Torn: some of it is already there when it shows.
            to.put(record.bytes, 0, random.nextInt(record.bytes.length));
            throw new BadSegmentException("slot " + slot + " is torn");
        }
        to.put(record.bytes);
    }

    @Override
    public void erase(int slot) throws IOException {
        records.remove(slot);
        fail("erase");
    }

    @Override
    public void close() {
        // Nothing to let go.
    }

    private void fail(String what) throws IOException {
        if (random.nextInt(100) < percent) {
            throw new IOException("the " + what + " failed");
        }
    }
}
