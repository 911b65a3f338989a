package dev.kvasir.pool.loan;

import dev.kvasir.pool.Wire;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.IntConsumer;

/** What other nodes say on a channel, and which links broke, until the pool's thread takes it in. */
public final class Inbox<M> {
    /** Bytes of messages that may wait; what would be more is dropped, as if it had been lost. Most have some hundred, a long prompt's tokens some hundred thousand. */
    private static final int MOST_WAITING_BYTES = 1 << 26;
    /** What a message takes here beside its fields, about. */
    private static final int MESSAGE_BYTES = 128;

    private record Come<M>(int from, M message, int bytes) {}

    private final Queue<Come<M>> come = new ConcurrentLinkedQueue<>();
    private final AtomicLong waitingBytes = new AtomicLong();
    private final Queue<Integer> broken = new ConcurrentLinkedQueue<>(); // nodes to which the link broke

    /**
     * Creates one and listens.
     *
     * @param decode empty for what is no message; such frames are dropped
     * @param wake told, on any thread, that something has come
     */
    public Inbox(Wire wire, Wire.Channel channel, Function<ByteBuffer, Optional<M>> decode, Runnable wake) {
        wire.listen(channel, (from, frame) -> {
            int bytes = MESSAGE_BYTES + frame.remaining();
            if (waitingBytes.addAndGet(bytes) > MOST_WAITING_BYTES) {
                waitingBytes.addAndGet(-bytes);
                return;
            }
            decode.apply(frame)
                    .ifPresentOrElse(
                            message -> {
                                come.add(new Come<>(from, message, bytes));
                                wake.run();
                            },
                            () -> waitingBytes.addAndGet(-bytes));
        });
        wire.onLost(node -> {
            broken.add(node);
            wake.run();
        });
    }

    /** Hands on what has come: broken links first. Returns whether it was something. */
    public boolean take(IntConsumer onBroken, BiConsumer<Integer, M> onMessage) {
        boolean any = false;
        for (Integer node = broken.poll(); node != null; node = broken.poll()) {
            onBroken.accept(node);
            any = true;
        }
        for (Come<M> next = come.poll(); next != null; next = come.poll()) {
            waitingBytes.addAndGet(-next.bytes);
            onMessage.accept(next.from, next.message);
            any = true;
        }
        return any;
    }
}
