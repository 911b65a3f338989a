package dev.kvasir.pool;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntConsumer;

/**
 * Wires between nodes of one process. Frames are copied when they are sent, and arrive when the executor runs. A node can be cut off: what goes to it or
 * comes from it is lost, and after {@link #notice} the others know.
 */
public final class WireHub {
    private static final int FRAME_BYTES = 1 << 20;

    private final int frameBytes;
    private final Executor executor;
    private final Map<Integer, Endpoint> endpoints = new ConcurrentHashMap<>();
    private final Map<Wire.Channel, LongAdder> bytes = new EnumMap<>(Wire.Channel.class);

    /** @param executor brings frames, one after the other */
    public WireHub(Executor executor) {
        this(executor, FRAME_BYTES);
    }

    /** @param frameBytes the longest frame */
    public WireHub(Executor executor, int frameBytes) {
        this.executor = executor;
        this.frameBytes = frameBytes;
        for (Wire.Channel channel : Wire.Channel.values()) {
            bytes.put(channel, new LongAdder());
        }
    }

    public Wire join(int node) {
        Endpoint endpoint = new Endpoint(node);
        endpoints.put(node, endpoint);
        return endpoint;
    }

    /** Cuts a node off: nothing reaches it or leaves it, and nobody knows. */
    public void cut(int node) {
        endpoint(node).cut = true;
    }

    /** Connects a node again. */
    public void mend(int node) {
        endpoint(node).cut = false;
    }

    /** Ends a node: nobody knows it any more, and the links to it broke. */
    public void leave(int node) {
        endpoint(node).cut = true;
        notice(node);
        endpoints.remove(node);
    }

    /** Tells all others that the link to a node broke. */
    public void notice(int node) {
        endpoints.values().stream()
                .filter(other -> other.self != node)
                .forEach(other -> other.listeners.forEach(listener -> listener.accept(node)));
    }

    /** Returns the bytes that arrived on a channel so far. */
    public long bytes(Wire.Channel channel) {
        LongAdder sum = bytes.get(channel);
        return sum == null ? 0 : sum.sum();
    }

    private Endpoint endpoint(int node) {
        Endpoint endpoint = endpoints.get(node);
        if (endpoint == null) {
            throw new IllegalArgumentException("there is no node " + node);
        }
        return endpoint;
    }

    private final class Endpoint implements Wire {
        private final int self;
        private final Map<Channel, Receiver> receivers = new ConcurrentHashMap<>();
        private final List<IntConsumer> listeners = new CopyOnWriteArrayList<>();
        private volatile boolean cut;

        Endpoint(int self) {
            this.self = self;
        }

        @Override
        public int self() {
            return self;
        }

        @Override
        public boolean isKnown(int node) {
            return node != self && endpoints.containsKey(node);
        }

        @Override
        public boolean send(int node, Channel channel, List<ByteBuffer> parts, Runnable sent) {
            if (!isKnown(node)) {
                return false;
            }
            int length = parts.stream().mapToInt(ByteBuffer::remaining).sum();
            if (length > frameBytes) {
                throw new IllegalArgumentException("a frame of " + length + " bytes");
            }
            List<ByteBuffer> lent = new ArrayList<>(parts);
            executor.execute(() -> {
                ByteBuffer frame = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
                lent.forEach(part -> frame.put(part.duplicate()));
                sent.run();
                Endpoint to = endpoints.get(node);
                Receiver receiver = to == null ? null : to.receivers.get(channel);
                if (receiver != null && !cut && !to.cut) {
                    endpointBytes(channel, length);
                    receiver.onFrame(self, frame.flip());
                }
            });
            return true;
        }

        @Override
        public int maxFrameBytes() {
            return frameBytes;
        }

        @Override
        public void listen(Channel channel, Receiver receiver) {
            receivers.put(channel, receiver);
        }

        @Override
        public void onLost(IntConsumer node) {
            listeners.add(node);
        }
    }

    private void endpointBytes(Wire.Channel channel, int length) {
        LongAdder sum = bytes.get(channel);
        if (sum != null) {
            sum.add(length);
        }
    }
}
