package dev.kvasir.engine.wire;

import dev.kvasir.pool.Wire.Channel;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A wire that listens on loopback and keeps what comes. */
final class TestNode implements AutoCloseable {
    static final byte[] SECRET = "a secret of thirty-two bytes ....".getBytes(StandardCharsets.UTF_8);
    static final String IDENTITY = "cluster/model";
    static final int MAX_FRAME_BYTES = 1 << 21;
    private static final long PATIENCE_SECONDS = 180;

    /** A frame that came. */
    record Received(int from, Channel channel, byte[] bytes) {
        String text() {
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
    final NetWire wire;
    final int port;
    final Queue<Received> received = new ConcurrentLinkedQueue<>();
    final Queue<Integer> lost = new ConcurrentLinkedQueue<>();
    final AtomicInteger accepted = new AtomicInteger();
    final AtomicInteger sent = new AtomicInteger(); // times that sent was told

    TestNode(Vertx vertx, int number) {
        this(vertx, number, SECRET, IDENTITY, limits(), null);
    }

    TestNode(Vertx vertx, int number, WireLimits limits) {
        this(vertx, number, SECRET, IDENTITY, limits, null);
    }

    TestNode(Vertx vertx, int number, byte[] secret, String identity, WireLimits limits, @Nullable WireTls tls) {
        wire = new NetWire(vertx, allocator, number, secret, identity, limits, tls, new SplittableRandom(number));
        for (Channel channel : Channel.values()) {
            wire.listen(channel, (from, frame) -> received.add(new Received(from, channel, bytes(frame))));
        }
        wire.onLost(lost::add);
        port = get(wire.start("127.0.0.1", 0));
    }

    /** Limits that nothing runs into because the machine is busy. */
    static WireLimits limits() {
        return new WireLimits(
                MAX_FRAME_BYTES, 1 << 14, 1 << 18, 1 << 22, 1000, 0, 8, 30_000, 200, 300, 500, 5, 100, 60_000);
    }

    static <T> T get(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** Lets each know the other; returns when there is a link. */
    static void join(TestNode one, TestNode other) {
        one.wire.addNode(other.wire.self(), "127.0.0.1", other.port);
        other.wire.addNode(one.wire.self(), "127.0.0.1", one.port);
        await("a link", () -> one.wire.stats().up() == 1 && other.wire.stats().up() == 1);
    }

    boolean send(int to, Channel channel, byte[]... parts) {
        List<ByteBuffer> buffers = new ArrayList<>();
        for (byte[] part : parts) {
            buffers.add(ByteBuffer.allocateDirect(part.length).put(part).flip());
        }
        boolean taken = wire.send(to, channel, buffers, sent::incrementAndGet);
        if (taken) {
            accepted.incrementAndGet();
        }
        return taken;
    }

    boolean send(int to, Channel channel, String text) {
        return send(to, channel, text.getBytes(StandardCharsets.UTF_8));
    }

    List<String> texts() {
        return received.stream().map(Received::text).toList();
    }

    static byte[] bytes(ByteBuffer frame) {
        byte[] bytes = new byte[frame.remaining()];
        frame.get(bytes);
        return bytes;
    }

    static byte[] random(SplittableRandom random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    /** Waits until something is so; it has {@link #PATIENCE_SECONDS}. */
    static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("no " + what + " after " + PATIENCE_SECONDS + " s");
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** Closes it and checks that everything that was lent came back, once, and that no memory leaks. */
    @Override
    public void close() {
        wire.close();
        if (sent.get() != accepted.get()) {
            throw new AssertionError(accepted + " frames were accepted and " + sent + " given back");
        }
        await("memory given back", () -> allocator.metric().usedDirectMemory() == 0);
    }
}
