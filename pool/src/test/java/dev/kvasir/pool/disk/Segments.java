package dev.kvasir.pool.disk;

import dev.kvasir.pool.KvDtype;
import dev.kvasir.pool.SegmentHeader;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SegmentIdentity;
import dev.kvasir.pool.store.BadSegmentException;
import dev.kvasir.pool.store.SegmentStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Numbered segments: a number says all about its header and its bytes. */
record Segments(DiskGeometry geometry) {
    private static final SegmentId ROOT = SegmentIdentity.root(new byte[32], KvDtype.FLOAT16, "", new byte[32]);

    static Segments of(int segmentBytes, int segmentTokens, int slots) {
        return new Segments(new DiskGeometry(new byte[SegmentId.BYTES], segmentBytes, segmentTokens, slots));
    }

    /** Returns the same segments in another number of slots. */
    Segments in(int slots) {
        return new Segments(
                new DiskGeometry(geometry.fingerprint(), geometry.segmentBytes(), geometry.segmentTokens(), slots));
    }

    /** The first token is the number. */
    SegmentHeader header(int number) {
        int[] tokens =
                new SplittableRandom(number).ints(geometry.segmentTokens()).toArray();
        tokens[0] = number;
        return SegmentHeader.next(ROOT, ROOT, tokens, 0, tokens.length);
    }

    static int number(SegmentHeader header) {
        return header.tokens()[0];
    }

    byte[] bytes(int number) {
        byte[] bytes = new byte[geometry.segmentBytes()];
        new SplittableRandom(~number).nextBytes(bytes);
        return bytes;
    }

    void write(SegmentStore store, int slot, int number) throws IOException {
        store.write(slot, header(number), ByteBuffer.wrap(bytes(number)));
    }

    /** Returns what a read gives. */
    byte[] read(SegmentStore store, int slot, int number) throws IOException {
        byte[] bytes = new byte[geometry.segmentBytes()];
        store.read(slot, header(number), ByteBuffer.wrap(bytes));
        return bytes;
    }

    /** Returns whether a segment is there; fails if a wrong byte is. */
    boolean holds(SegmentStore store, int slot, int number) throws IOException {
        try {
            if (!Arrays.equals(read(store, slot, number), bytes(number))) {
                throw new AssertionError("slot " + slot + " gave wrong bytes for segment " + number);
            }
            return true;
        } catch (BadSegmentException e) {
            return false;
        }
    }
}
