package dev.kvasir.engine.wire;

import java.nio.ByteBuffer;

/** Cuts the bytes that come over a link into records. It holds one record at most, however they come. */
final class RecordReader {
    /** Takes records. */
    interface Sink {
        /**
         * @param clear the header as it came; both valid during the call only
         * @param sealed text and tag
         */
        void onRecord(RecordHeader header, ByteBuffer clear, ByteBuffer sealed) throws DroppedException;
    }

    private final int kinds;
    private final int recordBytes;
    private final int maxFrameBytes;
    private final Sink sink;
    private final ByteBuffer held; // a record of which not all has come, from its header on; ready for more
    private long expected; // sequence of the next record

    RecordReader(int kinds, WireLimits limits, Sink sink) {
        this.kinds = kinds;
        this.recordBytes = limits.recordBytes();
        this.maxFrameBytes = limits.maxFrameBytes();
        this.sink = sink;
        this.held = ByteBuffer.allocateDirect(recordBytes + RecordHeader.OVERHEAD);
    }

    /** Reads all of it. After an exception nothing more may be read. */
    void read(ByteBuffer bytes) throws DroppedException {
        while (bytes.hasRemaining()) {
            if (held.position() == 0 && readInPlace(bytes)) {
                continue;
            }
            collect(bytes);
        }
    }

    /** Reads a record that has come in one piece, or says that it hasn't. */
    private boolean readInPlace(ByteBuffer bytes) throws DroppedException {
        if (bytes.remaining() < RecordHeader.OVERHEAD) {
            return false;
        }
        RecordHeader header = header(bytes.duplicate());
        int end = bytes.position() + header.cost();
        if (end > bytes.limit()) {
            return false;
        }
        deliver(header, bytes.duplicate().limit(end).slice());
        bytes.position(end);
        return true;
    }

    private void collect(ByteBuffer bytes) throws DroppedException {
        fill(bytes, RecordHeader.BYTES);
        if (held.position() < RecordHeader.BYTES) {
            return;
        }
        RecordHeader header = header(held.duplicate().flip());
        fill(bytes, header.cost());
        if (held.position() == header.cost()) {
            held.flip();
            deliver(header, held.slice());
            held.clear();
        }
    }

    private RecordHeader header(ByteBuffer from) throws DroppedException {
        return RecordHeader.decode(from, kinds, recordBytes, maxFrameBytes, expected);
    }

    private void fill(ByteBuffer bytes, int upTo) {
        int count = Math.min(upTo - held.position(), bytes.remaining());
        if (count > 0) {
            held.put(bytes.duplicate().limit(bytes.position() + count));
            bytes.position(bytes.position() + count);
        }
    }

    private void deliver(RecordHeader header, ByteBuffer whole) throws DroppedException {
        expected++;
        ByteBuffer clear = whole.duplicate().limit(RecordHeader.BYTES);
        sink.onRecord(header, clear, whole.position(RecordHeader.BYTES));
    }
}
