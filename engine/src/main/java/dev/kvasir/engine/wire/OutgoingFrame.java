package dev.kvasir.engine.wire;

import java.nio.ByteBuffer;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A frame that waits or is on its way, with the bytes lent for it. Belongs to the wire's thread once it was taken in. */
final class OutgoingFrame {
    private static final Logger LOG = LoggerFactory.getLogger(OutgoingFrame.class);

    private final ByteBuffer[] parts;
    private final Runnable sent;
    private final int bytes;
    private int part; // that the next byte is of
    private int remaining;

    /** @param parts left as they are: their positions aren't moved */
    OutgoingFrame(List<ByteBuffer> parts, int bytes, Runnable sent) {
        this.parts = parts.stream().map(ByteBuffer::duplicate).toArray(ByteBuffer[]::new);
        this.sent = sent;
        this.bytes = bytes;
        this.remaining = bytes;
    }

    /** Returns its length. */
    int bytes() {
        return bytes;
    }

    /** Returns how many bytes of it haven't been read. */
    int remaining() {
        return remaining;
    }

    /**
     * Reads on.
     *
     * @param count at most {@link #remaining}
     * @param scratch with room for that many from position 0, used if they don't lie together
     * @return the bytes, from position to limit; to be used before the next call
     */
    ByteBuffer read(int count, ByteBuffer scratch) {
        skipEmptyParts();
        remaining -= count;
        if (count > 0 && parts[part].remaining() >= count) {
            return cut(parts[part], count);
        }
        scratch.clear();
        while (scratch.position() < count) {
            skipEmptyParts();
            scratch.put(cut(parts[part], Math.min(parts[part].remaining(), count - scratch.position())));
        }
        return scratch.flip();
    }

    private void skipEmptyParts() {
        while (part < parts.length - 1 && !parts[part].hasRemaining()) {
            part++;
        }
    }

    private static ByteBuffer cut(ByteBuffer from, int count) {
        ByteBuffer cut = from.duplicate().limit(from.position() + count);
        from.position(from.position() + count);
        return cut;
    }

    /** Gives the bytes back; once. */
    void giveBack() {
        try {
            sent.run();
        } catch (RuntimeException e) {
            LOG.error("what was told that a frame is sent failed", e);
        }
    }
}
