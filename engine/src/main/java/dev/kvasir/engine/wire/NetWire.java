package dev.kvasir.engine.wire;

import dev.kvasir.pool.Wire;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.IntConsumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A wire over TCP. The membership tells it with {@link #addNode} and {@link #removeNode} which nodes there are; it sees to the links itself. A node
 * that is in the table and can't be reached for {@link WireLimits#graceMillis()} isn't known until it can.
 *
 * <p>Frames are encrypted under keys of each link, which nobody has who doesn't know the cluster's secret; with {@link WireTls} they go through TLS in
 * addition, whose keys a stolen secret doesn't give away afterwards.
 */
public final class NetWire implements Wire, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NetWire.class);
    private static final long CLOSE_SECONDS = 10;

    private final int self;
    private final WireLimits limits;
    private final WireCounters counters = new WireCounters();
    private final ContextInternal context;
    private final PeerTable peers;
    private final Connections connections;
    private final AtomicReferenceArray<@Nullable Receiver> receivers =
            new AtomicReferenceArray<>(Channel.values().length);
    private final List<IntConsumer> lost = new CopyOnWriteArrayList<>();

    /**
     * Makes a wire without nodes, which doesn't listen yet.
     *
     * @param vertx whose event loops it uses; of these, one
     * @param self this node's number, which no other node has or had
     * @param secret the cluster's, at least 16 bytes; not kept
     * @param identity what both ends of a link must serve, such as the model's fingerprint
     * @param tls for TLS with certificates on both sides, or null for none
     * @param random spreads attempts to connect; used by the wire's thread alone
     */
    public NetWire(
            Vertx vertx,
            int self,
            byte[] secret,
            String identity,
            WireLimits limits,
            @Nullable WireTls tls,
            RandomGenerator random) {
        this(vertx, PooledByteBufAllocator.DEFAULT, self, secret, identity, limits, tls, random);
    }

    /** @param allocator of the memory for what comes in and goes out; tests look whether all of it comes back */
    NetWire(
            Vertx vertx,
            ByteBufAllocator allocator,
            int self,
            byte[] secret,
            String identity,
            WireLimits limits,
            @Nullable WireTls tls,
            RandomGenerator random) {
        if (self < 1) {
            throw new IllegalArgumentException("no node has the number " + self);
        }
        this.self = self;
        this.limits = limits;
        this.context = ((VertxInternal) vertx).createEventLoopContext();
        Timers timers = new Timers(vertx);
        this.peers = new PeerTable(self, limits, counters, timers, random, this::tellLost);
        this.connections = new Connections(
                vertx,
                allocator,
                self,
                new Credentials(secret, identity),
                limits,
                tls,
                counters,
                timers,
                peers,
                this::deliver);
        peers.connectBy(connections::connect);
    }

    /**
     * Listens for other nodes.
     *
     * @param port 0 for any that is free
     * @return the port; it fails if it can't be had
     */
    public Future<Integer> start(String host, int port) {
        Promise<Integer> bound = Promise.promise();
        context.runOnContext(ignored -> connections.listen(host, port).onComplete(bound));
        return bound.future();
    }

    /**
     * Says that there is a node, and where it listens. Said again with another place, links go on and later ones go there.
     *
     * @throws IllegalArgumentException if it's this one
     */
    public void addNode(int node, String host, int port) {
        Peer peer = peers.add(node, host, port);
        if (peer != null) {
            context.runOnContext(ignored -> peers.begin(peer));
        }
    }

    /** Says that there is no such node any more. What waits for it is given up, and it is told as lost. */
    public void removeNode(int node) {
        Peer peer = peers.remove(node);
        counters.forget(node);
        if (peer != null) {
            context.runOnContext(ignored -> peers.end(peer, "the node has left"));
        }
    }

    /** Returns by node's number what came from there and went there. Thread-safe. */
    public Map<Integer, Traffic> traffic() {
        return counters.traffic();
    }

    @Override
    public int self() {
        return self;
    }

    @Override
    public boolean isKnown(int node) {
        Peer peer = peers.get(node);
        return peer != null && peer.outbox.isOpen();
    }

    @Override
    public int maxFrameBytes() {
        return limits.maxFrameBytes();
    }

    @Override
    public boolean send(int node, Channel channel, List<ByteBuffer> parts, Runnable sent) {
        long bytes = 0;
        for (ByteBuffer part : parts) {
            bytes += part.remaining();
        }
        if (bytes > limits.maxFrameBytes()) {
            throw new IllegalArgumentException("a frame of " + bytes + " bytes; " + limits.maxFrameBytes() + " go");
        }
        Peer peer = peers.get(node);
        if (peer == null) {
            return false;
        }
        if (!peer.outbox.offer(channel, new OutgoingFrame(parts, (int) bytes, sent))) {
            counters.onFull(channel);
            return false;
        }
        if (peer.drainDue.compareAndSet(false, true)) {
            context.runOnContext(ignored -> peers.drain(peer));
        }
        return true;
    }

    @Override
    public void listen(Channel channel, Receiver receiver) {
        if (!receivers.compareAndSet(channel.ordinal(), null, receiver)) {
            throw new IllegalStateException("somebody listens on " + channel + " already");
        }
    }

    @Override
    public void onLost(IntConsumer node) {
        lost.add(node);
    }

    /** Returns what it has counted. */
    public WireStats stats() {
        return counters.stats(peers.up());
    }

    private void deliver(int from, Channel channel, ByteBuffer frame) {
        Receiver receiver = receivers.get(channel.ordinal());
        if (receiver == null) {
            counters.onDropped(Drop.NO_RECEIVER);
            return;
        }
        try {
            receiver.onFrame(from, frame);
        } catch (RuntimeException e) {
            LOG.error("a frame from node {} on {} failed", from, channel, e);
        }
    }

    private void tellLost(int node) {
        for (IntConsumer listener : lost) {
            try {
                listener.accept(node);
            } catch (RuntimeException e) {
                LOG.error("what was told that node {} is lost failed", node, e);
            }
        }
    }

    /** Ends all links and gives up what waits. Whoever lent bytes has them back when it is done; nothing is sent or told afterwards. */
    public Future<Void> shutdown() {
        Promise<Void> done = Promise.promise();
        context.runOnContext(ignored -> {
            Future<Void> ended = connections.close();
            peers.close();
            ended.onComplete(done);
        });
        return done.future();
    }

    /** Does {@link #shutdown} and waits for it, unless it's called on an event loop. */
    @Override
    public void close() {
        Future<Void> done = shutdown();
        if (Context.isOnEventLoopThread()) {
            return;
        }
        try {
            done.toCompletionStage().toCompletableFuture().get(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("the wire's sockets didn't close: {}", e.toString());
        }
    }
}
