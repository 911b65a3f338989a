package dev.kvasir.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A disk tier's file as it lies there between two servers, read without the code that wrote it. It is 4,096 bytes of file header, then groups of 64
 * record headers and 64 payloads, each padded to 4,096 bytes.
 */
final class SegmentFile implements AutoCloseable {
    private static final int BLOCK = 4096;
    private static final int GROUP = 64;
    private static final int SIZES_AT = 48; // segment bytes, segment tokens, slots
    private static final int IDENTITY_BYTES = 128;
    private static final int WRITING = 0x54495257;
    private static final int SEALED = 0x4c414553;

    private final FileChannel channel;
    private final long headerBytes;
    private final long payloadBytes;
    private final int slots;

    SegmentFile(Path path) throws IOException {
        channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        payloadBytes = roundUp(number(SIZES_AT));
        headerBytes = roundUp(IDENTITY_BYTES + Integer.BYTES * number(SIZES_AT + Integer.BYTES));
        slots = number(SIZES_AT + 2 * Integer.BYTES);
    }

    /** Returns how many records were being written when their writer was killed. */
    int torn() throws IOException {
        return marked(WRITING).size();
    }

    /** Returns the slots of whole records. */
    List<Integer> sealed() throws IOException {
        return marked(SEALED);
    }

    /** Flips a bit of what a record says about itself. */
    void flipHeader(int slot) throws IOException {
        flip(headerAt(slot) + IDENTITY_BYTES);
    }

    /** Flips a bit in the middle of a record's keys and values. */
    void flipPayload(int slot) throws IOException {
        flip(groupAt(slot) + GROUP * headerBytes + slot % GROUP * payloadBytes + payloadBytes / 2);
    }

    private List<Integer> marked(int mark) throws IOException {
        List<Integer> found = new ArrayList<>();
        for (int slot = 0; slot < slots; slot++) {
            if (number(headerAt(slot)) == mark) {
                found.add(slot);
            }
        }
        return found;
    }

    private void flip(long position) throws IOException {
        ByteBuffer one = ByteBuffer.allocate(1);
        channel.read(one, position);
        one.put(0, (byte) (one.get(0) ^ 0x10)).flip();
        channel.write(one, position);
    }

    private int number(long position) throws IOException {
        ByteBuffer four = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        channel.read(four, position);
        return four.getInt(0);
    }

    private long groupAt(int slot) {
        return BLOCK + slot / GROUP * (GROUP * (headerBytes + payloadBytes));
    }

    private long headerAt(int slot) {
        return groupAt(slot) + slot % GROUP * headerBytes;
    }

    private static long roundUp(long bytes) {
        return (bytes + BLOCK - 1) / BLOCK * BLOCK;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
