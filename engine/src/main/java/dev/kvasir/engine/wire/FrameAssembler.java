package dev.kvasir.engine.wire;

import dev.kvasir.pool.Wire.Channel;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Decrypts the records of one link and puts frames together again, one per channel at a time. It counts what the other side may still send, and
 * what it can be told that it may send again.
 */
final class FrameAssembler implements RecordReader.Sink {
    /** Takes what is whole. */
    interface Sink {
        /** @param frame valid during the call only; little-endian, position 0 */
        void onFrame(Channel channel, ByteBuffer frame);

        /** @param text of a record of the link's own; valid during the call only */
        void onControl(ByteBuffer text) throws DroppedException;
    }

    private static final Channel[] CHANNELS = Channel.values();
    /** How many kinds of records there are: the link's own, and one per channel. */
    static final int KINDS = 1 + CHANNELS.length;

    private final RecordCipher cipher;
    private final ByteBufAllocator allocator;
    private final WireLimits limits;
    private final Sink sink;
    private final ByteBuffer scratch; // text of a record that is all of its frame, or its beginning
    private final @Nullable ByteBuf[] partial = new ByteBuf[CHANNELS.length]; // frames of which not all has come
    private final int[] missing = new int[CHANNELS.length]; // bytes of these that haven't come
    private final long[] allowed = new long[CHANNELS.length]; // bytes that the other side may send
    private final long[] owed = new long[CHANNELS.length]; // bytes that it could be allowed in addition

    FrameAssembler(byte[] key, ByteBufAllocator allocator, WireLimits limits, Sink sink) {
        this.cipher = new RecordCipher(key);
        this.allocator = allocator;
        this.limits = limits;
        this.sink = sink;
        this.scratch = ByteBuffer.allocateDirect(limits.recordBytes());
        Arrays.fill(allowed, limits.windowBytes());
    }

    @Override
    public void onRecord(RecordHeader header, ByteBuffer clear, ByteBuffer sealed) throws DroppedException {
        if (header.kind() == RecordHeader.CONTROL) {
            if (!header.isLast()) {
                throw new DroppedException(Drop.BROKEN_FRAME, "the links' own records come whole");
            }
            sink.onControl(open(header, clear, sealed));
            return;
        }
        Channel channel = CHANNELS[header.kind() - 1];
        checkPlace(channel, header);
        take(channel, header, clear, sealed);
        owed[channel.ordinal()] += header.cost();
    }

    /** Refuses what doesn't go on where the channel's frame left off, or came without leave; nothing was decrypted yet. */
    private void checkPlace(Channel channel, RecordHeader header) throws DroppedException {
        int at = channel.ordinal();
        if (partial[at] != null && header.remaining() != missing[at]) {
            throw new DroppedException(
                    Drop.BROKEN_FRAME, header.remaining() + " bytes remain of " + channel + ", not " + missing[at]);
        }
        if (header.cost() > allowed[at]) {
            throw new DroppedException(
                    Drop.OVER_CREDIT, header.cost() + " bytes of " + channel + ", allowed are " + allowed[at]);
        }
        allowed[at] -= header.cost();
    }

    private void take(Channel channel, RecordHeader header, ByteBuffer clear, ByteBuffer sealed)
            throws DroppedException {
        int at = channel.ordinal();
        ByteBuf frame = partial[at];
        if (frame == null) {
            ByteBuffer text = open(header, clear, sealed);
            if (header.isLast()) {
                sink.onFrame(channel, text);
                return;
            }
            frame = allocator.directBuffer(header.remaining(), header.remaining()); // its size was under the tag
            frame.writeBytes(text);
            partial[at] = frame;
        } else {
            ByteBuffer to = frame.nioBuffer(frame.writerIndex(), header.length());
            cipher.open(header.sequence(), clear, sealed, to);
            frame.writerIndex(frame.writerIndex() + header.length());
        }
        missing[at] = header.remaining() - header.length();
        if (missing[at] == 0) {
            partial[at] = null;
            try {
                sink.onFrame(channel, little(frame.nioBuffer()));
            } finally {
                frame.release();
            }
        }
    }

    private ByteBuffer open(RecordHeader header, ByteBuffer clear, ByteBuffer sealed) throws DroppedException {
        scratch.clear();
        cipher.open(header.sequence(), clear, sealed, scratch);
        return little(scratch.flip());
    }

    private static ByteBuffer little(ByteBuffer buffer) {
        return buffer.slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Returns how many bytes of a channel the other side can be allowed to send, if it's worth a message, and allows them. */
    int grant(Channel channel) {
        int at = channel.ordinal();
        if (owed[at] < limits.windowBytes() / 4) {
            return 0;
        }
        int bytes = (int) owed[at];
        allowed[at] += bytes;
        owed[at] = 0;
        return bytes;
    }

    /** Gives back the memory of frames of which not all has come. */
    void release() {
        for (int i = 0; i < partial.length; i++) {
            ByteBuf frame = partial[i];
            if (frame != null) {
                partial[i] = null;
                frame.release();
            }
        }
    }
}
