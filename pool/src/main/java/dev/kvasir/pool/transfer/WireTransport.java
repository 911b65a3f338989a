package dev.kvasir.pool.transfer;

import dev.kvasir.pool.TransferCodec;
import dev.kvasir.pool.TransferMessage;
import dev.kvasir.pool.TransferMessage.Data;
import dev.kvasir.pool.Transport;
import dev.kvasir.pool.Wire;
import java.nio.ByteBuffer;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Messages about transfers over a wire. The bytes of a segment leave from its slot; those that come are copied once, from the frame to a buffer that is
 * used again.
 */
public final class WireTransport implements Transport {
    /*
     * A frame is valid on the wire's thread only, so what comes is copied there. Segments that have come and aren't consumed yet are bounded by the number of
     * buffers; one more is dropped, and its transfer ends with its lease. Other messages have copies of their fields, need no buffer and are bounded by number.
     */
    private static final int MOST_SEGMENTS = 32;
    private static final int MOST_MESSAGES = 1024;

    /** @param buffer behind the bytes of a segment, null for other messages */
    private record Come(
            int from, TransferMessage message, @Nullable ByteBuffer buffer) {}

    private final Wire wire;
    private final Runnable wake;
    private final Queue<ByteBuffer> free = new ArrayBlockingQueue<>(MOST_SEGMENTS);
    private final AtomicInteger buffers = new AtomicInteger(); // that exist
    private final AtomicInteger messages = new AtomicInteger(); // in the queue
    private final Queue<Come> come = new ConcurrentLinkedQueue<>();
    private final Queue<Data> sent = new ConcurrentLinkedQueue<>();
    private final Map<Data, ByteBuffer> lent = new IdentityHashMap<>(); // the owner's: to be consumed
    private final LongAdder dropped = new LongAdder();

    /**
     * Creates one and listens.
     *
     * @param wake told, on any thread, that something has happened
     */
    public WireTransport(Wire wire, Runnable wake) {
        this.wire = wire;
        this.wake = wake;
        wire.listen(Wire.Channel.TRANSFER, this::onFrame);
    }

    private void onFrame(int from, ByteBuffer frame) {
        TransferMessage message = TransferCodec.decode(frame).orElse(null);
        ByteBuffer copy = null;
        if (message instanceof Data data) {
            copy = buffer(data.bytes().remaining());
            message = copy == null ? null : copied(data, copy);
        }
        if (message == null || messages.incrementAndGet() > MOST_MESSAGES) {
            if (message != null) {
                messages.decrementAndGet();
            }
            dropped.increment();
            giveBack(copy);
            return;
        }
        come.add(new Come(from, message, copy));
        wake.run();
    }

    private static Data copied(Data data, ByteBuffer copy) {
        copy.clear().put(data.bytes().duplicate()).flip();
        return new Data(data.id(), data.index(), data.to(), data.segment(), copy.slice());
    }

    /** Returns a buffer of at least so many bytes, null if there are too many already. */
    private @Nullable ByteBuffer buffer(int bytes) {
        ByteBuffer buffer = free.poll();
        if (buffer != null && buffer.capacity() >= bytes) {
            return buffer;
        }
        if (buffer == null && buffers.incrementAndGet() > MOST_SEGMENTS) {
            buffers.decrementAndGet();
            return null;
        }
        return ByteBuffer.allocateDirect(bytes); // in place of a smaller one, if there was one
    }

    private void giveBack(@Nullable ByteBuffer buffer) {
        if (buffer != null && !free.offer(buffer)) {
            buffers.decrementAndGet();
        }
    }

    @Override
    public boolean isKnown(int node) {
        return wire.isKnown(node);
    }

    @Override
    public boolean send(int node, TransferMessage message) {
        TransferCodec.Frame frame = TransferCodec.encode(message);
        return wire.send(node, Wire.Channel.TRANSFER, List.of(frame.header(), frame.payload()), () -> {
            if (message instanceof Data data) {
                sent.add(data);
                wake.run();
            }
        });
    }

    @Override
    public void consumed(Data data) {
        ByteBuffer buffer = lent.remove(data);
        if (buffer == null) {
            throw new IllegalStateException("a segment of " + data.id() + " was consumed before");
        }
        giveBack(buffer);
    }

    @Override
    public boolean poll(Events events) {
        boolean any = false;
        for (Data data = sent.poll(); data != null; data = sent.poll()) {
            events.onSent(data);
            any = true;
        }
        for (Come next = come.poll(); next != null; next = come.poll()) {
            messages.decrementAndGet();
            if (next.message instanceof Data data && next.buffer != null) {
                lent.put(data, next.buffer);
            }
            events.onMessage(next.from, next.message);
            any = true;
        }
        return any;
    }

    /** Returns how many frames were dropped: no message, or too many at once. */
    public long dropped() {
        return dropped.sum();
    }
}
