package dev.kvasir.engine.wire;

import dev.kvasir.pool.Wire.Channel;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.internal.net.NetSocketInternal;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection: the handshake first, then records both ways until it breaks. Belongs to the wire's thread.
 *
 * <p>What it has to say for itself is kept as numbers, never as a queue, so that a node that only asks and never listens costs no memory.
 */
final class Link implements FrameAssembler.Sink {
    /** What a link asks of the wire. */
    interface Owner {
        /** Returns what waits for a node, or null if there is no such node. */
        @Nullable
        Outbox outbox(int peer);

        /** The handshake is through. */
        void onUp(Link link);

        /** It broke, or never came up. */
        void onClosed(Link link, boolean wasUp);

        /** @param frame valid during the call only */
        void onFrame(int from, Channel channel, ByteBuffer frame);
    }

    private static final Logger LOG = LoggerFactory.getLogger(Link.class);
    private static final Channel[] CHANNELS = Channel.values();

    /** The records of a link whose handshake is done. */
    private record Records(RecordReader reader, FrameAssembler assembler, RecordWriter writer) {}

    private final NetSocketInternal socket;
    private final ChannelHandlerContext channel;
    private final ByteBufAllocator allocator;
    private final WireLimits limits;
    private final WireCounters counters;
    private final Timers timers;
    private final Handshake handshake;
    private final Owner owner;
    private byte[] message; // of the handshake, the one that is coming
    private int messageBytes; // of it that have come
    private @Nullable Records records;
    private @Nullable Outbox outbox; // of the other node, once it's known which
    private boolean up;
    private boolean closed;
    private Timers.Timer timer; // of the handshake, then of the next ping

    private boolean heard; // anything since the last ping
    private int silent; // pings since anything was heard
    private long pings;
    private long answered; // ping that was answered last
    private boolean pingDue;
    private boolean readyDue;
    private boolean pongDue;
    private long pong; // ping that is to be answered

    Link(
            NetSocketInternal socket,
            ByteBufAllocator allocator,
            WireLimits limits,
            WireCounters counters,
            Timers timers,
            Handshake handshake,
            Owner owner) {
        this.socket = socket;
        this.allocator = allocator;
        this.limits = limits;
        this.counters = counters;
        this.timers = timers;
        this.handshake = handshake;
        this.owner = owner;
        this.message = new byte[handshake.expected()];
        this.timer = timers.after(limits.handshakeMillis(), () -> refuse(Refused.LATE, "the handshake takes too long"));
        socket.setWriteQueueMaxSize(4 * limits.recordBytes());
        socket.messageHandler(this::onMessage);
        this.channel = socket.channelHandlerContext();
        channel.pipeline().addBefore(channel.name(), "kvasir-link", new ChannelInboundHandlerAdapter() {
            @Override
            public void channelWritabilityChanged(ChannelHandlerContext context) {
                drain();
                context.fireChannelWritabilityChanged();
            }
        });
        socket.closeHandler(ignored -> onSocketClosed());
        socket.exceptionHandler(e -> LOG.debug("link: {}", e.toString()));
    }

    /** Says the first word. */
    void begin(Handshake.Initiator initiator) {
        write(Unpooled.wrappedBuffer(initiator.hello()));
        channel.flush();
    }

    /** Returns the other node's number; only when it's up. */
    int peer() {
        return handshake.session().peer();
    }

    /** Returns whether it sends what waits there. */
    boolean sendsFrom(Outbox outbox) {
        return this.outbox == outbox;
    }

    private void onMessage(Object bytes) {
        try {
            if (!closed && bytes instanceof ByteBuf buffer) {
                heard = true;
                read(buffer);
            }
        } catch (RefusedException e) {
            refuse(e.reason(), String.valueOf(e.getMessage()));
        } catch (DroppedException e) {
            counters.onDropped(e.reason());
            close("dropped " + e.reason() + ": " + e.getMessage());
        } finally {
            ReferenceCountUtil.release(bytes);
        }
    }

    private void read(ByteBuf bytes) throws RefusedException, DroppedException {
        while (records == null && !closed && bytes.isReadable()) {
            int count = Math.min(bytes.readableBytes(), message.length - messageBytes);
            bytes.readBytes(message, messageBytes, count);
            messageBytes += count;
            if (messageBytes == message.length) {
                onHandshake();
            }
        }
        Records current = records;
        if (current != null && !closed && bytes.isReadable()) {
            current.reader().read(bytes.nioBuffer());
        }
        drain();
    }

    private void onHandshake() throws RefusedException {
        byte[] answer = handshake.onMessage(message);
        if (answer.length > 0) {
            write(Unpooled.wrappedBuffer(answer));
            channel.flush();
        }
        message = new byte[handshake.expected()];
        messageBytes = 0;
        if (message.length > 0) {
            return;
        }
        Handshake.Session session = handshake.session();
        outbox = owner.outbox(session.peer());
        if (outbox == null) {
            throw new RefusedException(Refused.UNKNOWN_NODE, "node " + session.peer() + " has gone meanwhile");
        }
        FrameAssembler assembler = new FrameAssembler(session.receiveKey(), allocator, limits, this);
        records = new Records(
                new RecordReader(FrameAssembler.KINDS, limits, assembler),
                assembler,
                new RecordWriter(session.sendKey(), session.peer(), allocator, limits, outbox, counters));
        if (handshake instanceof Handshake.Responder) {
            readyDue = true;
            onReady();
        }
    }

    private void onReady() {
        up = true;
        timer.cancel();
        timer = timers.after(limits.pingMillis(), this::onPingTime);
        owner.onUp(this);
    }

    @Override
    public void onFrame(Channel channel, ByteBuffer frame) {
        counters.onFrameIn(peer(), channel, frame.remaining());
        owner.onFrame(peer(), channel, frame);
    }

    @Override
    public void onControl(ByteBuffer text) throws DroppedException {
        ControlMessage control = ControlMessage.decode(text);
        if (control instanceof ControlMessage.Ready == up) {
            throw new DroppedException(Drop.BAD_CONTROL, control + (up ? " comes late" : " comes early"));
        }
        if (control instanceof ControlMessage.Ready) {
            onReady();
        } else if (control instanceof ControlMessage.Ping ping) {
            pongDue = true;
            pong = ping.id();
        } else if (control instanceof ControlMessage.Pong answer) {
            onPong(answer.id());
        } else if (control instanceof ControlMessage.Credit credit && records != null) {
            records.writer().onCredit(credit);
        }
    }

    private void onPong(long id) throws DroppedException {
        if (id <= answered || id > pings) {
            throw new DroppedException(Drop.BAD_CONTROL, "ping " + id + " of " + pings + " was answered");
        }
        answered = id;
    }

    /*
     * Pings are counted, not timed: a process that was stopped itself finds one timer due when it goes on, not all that it missed, and reads what
     * came meanwhile before the next. A node that is silent is gone soon. One from which bytes come although it doesn't answer may have a slow link
     * full of them, and gets more time.
     */
    private void onPingTime() {
        silent = heard ? 0 : silent + 1;
        heard = false;
        if (silent > limits.silentPings() || pings - answered > limits.stalledPings()) {
            counters.onSilent();
            close(silent > limits.silentPings() ? "nothing comes" : "pings aren't answered");
            return;
        }
        pings++;
        pingDue = true;
        timer = timers.after(limits.pingMillis(), this::onPingTime);
        drain();
    }

    /** Sends what waits, as far as the socket takes it. */
    void drain() {
        Records current = records;
        if (current == null || !up || closed) {
            return;
        }
        boolean written = false;
        while (channel.channel().isWritable()) {
            addControl(current);
            ByteBuf batch = current.writer().next();
            if (batch == null) {
                break;
            }
            write(batch);
            written = true;
        }
        if (written) {
            channel.flush();
        }
    }

    private void addControl(Records to) {
        if (readyDue) {
            readyDue = false;
            to.writer().control(new ControlMessage.Ready());
        }
        if (pingDue) {
            pingDue = false;
            to.writer().control(new ControlMessage.Ping(pings));
        }
        if (pongDue) {
            pongDue = false;
            to.writer().control(new ControlMessage.Pong(pong));
        }
        for (Channel channel : CHANNELS) {
            int bytes = to.assembler().grant(channel);
            if (bytes > 0) {
                to.writer().control(new ControlMessage.Credit(channel, bytes));
            }
        }
    }

    /** Writes past Vert.x, whose queue doesn't give pooled memory back when the socket closes. If it fails, the socket is closed, and says so. */
    private void write(ByteBuf bytes) {
        channel.write(bytes);
    }

    void refuse(Refused reason, String why) {
        if (!closed) {
            counters.onRefused(reason);
            close("refused " + reason + ": " + why);
        }
    }

    private void onSocketClosed() {
        if (!up) {
            refuse(Refused.BROKEN_OFF, "the other side has closed it");
        }
        close("the other side has closed it");
    }

    /** Breaks it now: what is in the socket isn't waited for. */
    void close(String why) {
        if (closed) {
            return;
        }
        closed = true;
        LOG.debug("link with {}: {}", socket.remoteAddress(), why);
        timer.cancel();
        if (records != null) {
            records.assembler().release();
        }
        abort(socket);
        owner.onClosed(this, up);
    }

    /** Closes a socket from its end, where neither TLS nor what couldn't be written is waited for. */
    static void abort(NetSocketInternal socket) {
        ChannelHandlerContext end = socket.channelHandlerContext().pipeline().firstContext();
        if (end == null) {
            socket.channelHandlerContext().channel().close();
        } else {
            end.close();
        }
    }
}
