package dev.kvasir.benchmarks.wire;

import dev.kvasir.engine.wire.NetWire;
import dev.kvasir.engine.wire.WireLimits;
import dev.kvasir.pool.Wire;
import io.vertx.core.Vertx;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;

/** The data plane as it serves. */
final class WirePipe implements Pipe {
    private static final byte[] SECRET = "of no use to anybody but this benchmark".getBytes(StandardCharsets.UTF_8);

    private static final long PATIENCE_MILLIS = 120_000;

    private final NetWire here;
    private final NetWire there;

    WirePipe(Vertx vertx, int maxFrameBytes, Events events) throws InterruptedException {
        here = wire(vertx, 2, maxFrameBytes);
        there = wire(vertx, 1, maxFrameBytes);
        CountDownLatch greeted = new CountDownLatch(1);
        there.listen(Wire.Channel.TRANSFER, (from, frame) -> events.onSegment());
        there.listen(Wire.Channel.QUERY, (from, frame) -> {
            ByteBuffer copy =
                    ByteBuffer.allocateDirect(frame.remaining()).put(frame).flip();
            there.send(from, Wire.Channel.QUERY, List.of(copy), () -> {});
        });
        there.listen(Wire.Channel.LOAN, (from, frame) -> greeted.countDown());
        here.listen(Wire.Channel.QUERY, (from, frame) -> events.onAnswer());
        int port = there.start("127.0.0.1", 0).await();
        there.addNode(2, "127.0.0.1", port);
        here.addNode(1, "127.0.0.1", port);
        here.send(1, Wire.Channel.LOAN, List.of(ByteBuffer.allocate(1)), () -> {});
        greeted.await();
    }

    private static NetWire wire(Vertx vertx, int number, int maxFrameBytes) {
        WireLimits usual = WireLimits.forFrames(maxFrameBytes);
        // The usual ones, but that nobody is given up because the machine is busy
        WireLimits limits = new WireLimits(
                maxFrameBytes,
                usual.recordBytes(),
                usual.windowBytes(),
                usual.queueBytes(),
                usual.queueFrames(),
                usual.socketBytes(),
                usual.maxHalfOpen(),
                PATIENCE_MILLIS,
                usual.pingMillis(),
                (int) (PATIENCE_MILLIS / usual.pingMillis()),
                (int) (PATIENCE_MILLIS / usual.pingMillis()),
                usual.backoffMinMillis(),
                usual.backoffMaxMillis(),
                PATIENCE_MILLIS);
        return new NetWire(vertx, number, SECRET, "benchmark", limits, null, new SplittableRandom(number));
    }

    @Override
    public boolean sendSegment(ByteBuffer segment, Runnable sent) {
        return here.send(1, Wire.Channel.TRANSFER, List.of(segment), sent);
    }

    @Override
    public void sendQuery(ByteBuffer query) {
        if (!here.send(1, Wire.Channel.QUERY, List.of(query), () -> {})) {
            throw new IllegalStateException("the query wasn't taken");
        }
    }

    @Override
    public void close() {
        here.close();
        there.close();
    }
}
