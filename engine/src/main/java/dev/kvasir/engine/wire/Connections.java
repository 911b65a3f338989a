package dev.kvasir.engine.wire;

import dev.kvasir.pool.Wire.Channel;
import io.netty.buffer.ByteBufAllocator;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sockets of a wire, up to where they become links: a server, a client, and how many connections may be half-open. Belongs to the wire's thread.
 *
 * <p>TLS is begun by both sides after the responder's preamble rather than at once, for then connections that are stuck in it are counted, too.
 */
final class Connections implements Link.Owner {
    /** Takes frames. */
    interface Frames {
        /** @param frame valid during the call only */
        void onFrame(int from, Channel channel, ByteBuffer frame);
    }

    private static final Logger LOG = LoggerFactory.getLogger(Connections.class);

    private final ByteBufAllocator allocator;
    private final int self;
    private final Credentials credentials;
    private final WireLimits limits;
    private final @Nullable WireTls tls;
    private final WireCounters counters;
    private final Timers timers;
    private final PeerTable peers;
    private final Frames frames;
    private final SecureRandom nonces = new SecureRandom();
    private final NetServer server;
    private final NetClient client;
    private final Set<Link> links = new HashSet<>(); // up or on the way to it
    private final Set<Link> halfOpen = new HashSet<>(); // of these, others' connections that aren't up
    private final Map<Link, Peer> initiated = new HashMap<>(); // own ones that aren't up
    private final Map<Link, Peer> up = new HashMap<>();
    private boolean closed;

    Connections(
            Vertx vertx,
            ByteBufAllocator allocator,
            int self,
            Credentials credentials,
            WireLimits limits,
            @Nullable WireTls tls,
            WireCounters counters,
            Timers timers,
            PeerTable peers,
            Frames frames) {
        this.allocator = allocator;
        this.self = self;
        this.credentials = credentials;
        this.limits = limits;
        this.tls = tls;
        this.counters = counters;
        this.timers = timers;
        this.peers = peers;
        this.frames = frames;
        NetServerOptions serverOptions = new NetServerOptions();
        NetClientOptions clientOptions = new NetClientOptions().setConnectTimeout((int) limits.handshakeMillis());
        if (limits.socketBytes() > 0) {
            serverOptions.setSendBufferSize(limits.socketBytes());
            clientOptions.setSendBufferSize(limits.socketBytes());
        }
        this.server = vertx.createNetServer(serverOptions);
        this.client = vertx.createNetClient(clientOptions);
    }

    Future<Integer> listen(String host, int port) {
        return server.connectHandler(this::accept)
                .exceptionHandler(e -> LOG.debug("connection: {}", e.toString()))
                .listen(port, host)
                .map(NetServer::actualPort);
    }

    private void accept(NetSocket accepted) {
        NetSocketInternal socket = (NetSocketInternal) accepted;
        if (closed || halfOpen.size() >= limits.maxHalfOpen()) {
            counters.onRefused(Refused.TOO_MANY);
            Link.abort(socket);
            return;
        }
        Handshake.Responder responder =
                new Handshake.Responder(credentials, self, number -> peers.get(number) != null, nonce());
        Link link = new Link(socket, allocator, limits, counters, timers, responder, this);
        halfOpen.add(link);
        links.add(link);
        Buffer preamble = Buffer.buffer(Handshake.preamble(tls != null));
        if (tls == null) {
            socket.write(preamble);
        } else {
            socket.upgradeToSsl(tls.server(limits.handshakeMillis()), null, preamble)
                    .onFailure(e -> link.refuse(Refused.TLS, e.toString()));
        }
    }

    /** Connects to a node and tells the table what came of it. */
    void connect(Peer peer) {
        Peer.Place place = peer.place();
        client.connect(place.port(), place.host()).onComplete(connected -> {
            if (connected.failed()) {
                LOG.debug(
                        "node {} at {}: {}",
                        peer.number,
                        place,
                        connected.cause().toString());
                peers.onFailed(peer);
            } else {
                greet(peer, (NetSocketInternal) connected.result());
            }
        });
    }

    private void greet(Peer peer, NetSocketInternal socket) {
        if (closed) {
            Link.abort(socket);
            return;
        }
        new Greeting(socket, tls, limits, timers).start(new Greeting.Outcome() {
            @Override
            public void onGreeted() {
                Handshake.Initiator initiator = new Handshake.Initiator(credentials, self, peer.number, nonce());
                Link link = new Link(socket, allocator, limits, counters, timers, initiator, Connections.this);
                links.add(link);
                initiated.put(link, peer);
                link.begin(initiator);
            }

            @Override
            public void onRefused(Refused reason) {
                counters.onRefused(reason);
                peers.onFailed(peer);
            }
        });
    }

    private byte[] nonce() {
        byte[] nonce = new byte[Handshake.NONCE_BYTES];
        nonces.nextBytes(nonce);
        return nonce;
    }

    @Override
    public @Nullable Outbox outbox(int number) {
        Peer peer = peers.get(number);
        return peer == null ? null : peer.outbox;
    }

    @Override
    public void onUp(Link link) {
        halfOpen.remove(link);
        Peer connecting = initiated.remove(link);
        Peer peer = peers.get(link.peer());
        if (connecting != null && connecting != peer) {
            peers.onFailed(connecting);
        }
        if (peer == null || !link.sendsFrom(peer.outbox)) {
            link.close("the node has left meanwhile");
            return;
        }
        up.put(link, peer);
        peers.onUp(peer, link);
    }

    @Override
    public void onClosed(Link link, boolean wasUp) {
        halfOpen.remove(link);
        links.remove(link);
        Peer connecting = initiated.remove(link);
        if (connecting != null) {
            peers.onFailed(connecting);
        }
        Peer peer = up.remove(link);
        if (peer != null) {
            peers.onClosed(peer, link);
        }
    }

    @Override
    public void onFrame(int from, Channel channel, ByteBuffer frame) {
        frames.onFrame(from, channel, frame);
    }

    /** Closes everything; the future is done when the sockets are. */
    Future<Void> close() {
        closed = true;
        List.copyOf(links).forEach(link -> link.close("the wire is closed"));
        return Future.join(server.close(), client.close()).mapEmpty();
    }
}
