package dev.kvasir.benchmarks.wire;

import io.netty.buffer.Unpooled;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * A plain NetSocket that does the least there is to do: a length before each message; nothing is checked or encrypted, nobody goes ahead of anybody, and
 * segments aren't put together at the other end.
 */
final class SocketPipe implements Pipe {
    private static final int IN_FLIGHT = 4; // segments: about as many bytes as a window of the wire lets on their way

    private final Context context;
    private final NetServer server;
    private final NetClient client; // kept: Vert.x closes the sockets of one that is garbage
    private final NetSocket socket;
    private final AtomicInteger inFlight = new AtomicInteger();

    SocketPipe(Vertx vertx, int queryBytes, Events events) {
        Buffer answer = Buffer.buffer().appendInt(-queryBytes).appendBytes(new byte[queryBytes]);
        server = vertx.createNetServer().connectHandler(there -> {
            MessageCutter cutter = new MessageCutter(events::onSegment, () -> there.write(answer.copy()));
            there.handler(cutter::read);
        });
        onLoop(((VertxInternal) vertx).createEventLoopContext(), () -> server.listen(0, "127.0.0.1"));
        context = ((VertxInternal) vertx).createEventLoopContext();
        client = vertx.createNetClient();
        socket = onLoop(context, () -> client.connect(server.actualPort(), "127.0.0.1"));
        MessageCutter cutter = new MessageCutter(() -> {}, events::onAnswer);
        socket.handler(cutter::read);
    }

    private static <T> T onLoop(Context loop, Supplier<Future<T>> what) {
        Promise<T> promise = Promise.promise();
        loop.runOnContext(ignored -> what.get().onComplete(promise));
        return promise.future().await();
    }

    @Override
    public boolean sendSegment(ByteBuffer segment, Runnable sent) {
        if (inFlight.incrementAndGet() > IN_FLIGHT) {
            inFlight.decrementAndGet();
            return false;
        }
        context.runOnContext(ignored -> {
            socket.write(Buffer.buffer().appendInt(segment.remaining()));
            socket.write(BufferInternal.buffer(Unpooled.wrappedBuffer(segment))).onComplete(written -> {
                inFlight.decrementAndGet();
                sent.run();
            });
        });
        return true;
    }

    @Override
    public void sendQuery(ByteBuffer query) {
        context.runOnContext(ignored -> {
            socket.write(Buffer.buffer().appendInt(-query.remaining()));
            socket.write(BufferInternal.buffer(Unpooled.wrappedBuffer(query)));
        });
    }

    @Override
    public void close() {
        socket.close().await();
        client.close().await();
        server.close().await();
    }
}
