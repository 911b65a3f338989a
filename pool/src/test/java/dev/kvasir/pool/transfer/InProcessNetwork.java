package dev.kvasir.pool.transfer;

import dev.kvasir.pool.TransferCodec;
import dev.kvasir.pool.TransferMessage;
import dev.kvasir.pool.TransferMessage.Data;
import dev.kvasir.pool.Transport;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Connects pools in one process and one thread, as badly as it's told to. Every message goes through bytes. Those of a segment are read only when they
 * leave, and overwritten when they are said to be consumed: who breaks the rules of lending has wrong bytes.
 */
final class InProcessNetwork {
    /** What happens to a message, in percent; {@code reorder}: any message may go next, not just the oldest. */
    record Faults(int drop, int twice, int cut, int flip, boolean reorder) {
        static final Faults NONE = new Faults(0, 0, 0, 0, false);
    }

    private record OnItsWay(int from, int to, TransferMessage message) {}

    private record Come(int from, TransferMessage message) {}

    private static final byte GARBAGE = 0x5a;

    private final SplittableRandom random;
    private final Faults faults;
    private final int mostQueued;
    private final Map<Integer, Endpoint> endpoints = new HashMap<>();
    private final List<OnItsWay> queue = new ArrayList<>();
    private final Set<Data> lent = Collections.newSetFromMap(new IdentityHashMap<>());
    private long segmentBytes; // of all segments that left

    /** Creates a network in which at most {@code mostQueued} messages to one node wait. */
    InProcessNetwork(SplittableRandom random, Faults faults, int mostQueued) {
        this.random = random;
        this.faults = faults;
        this.mostQueued = mostQueued;
    }

    Transport join(int node) {
        Endpoint endpoint = new Endpoint(node);
        endpoints.put(node, endpoint);
        return endpoint;
    }

    /** Cuts a node off: it is known, but what goes to it or comes from it is lost. */
    void kill(int node) {
        endpoint(node).dead = true;
        for (Come lost : endpoint(node).come) {
            if (lost.message instanceof Data data) {
                lent.remove(data);
            }
        }
        endpoint(node).come.clear();
    }

    void revive(int node) {
        endpoint(node).dead = false;
    }

    boolean isQuiet() {
        return queue.isEmpty() && endpoints.values().stream().allMatch(e -> e.come.isEmpty() && e.sent.isEmpty());
    }

    long segmentBytes() {
        return segmentBytes;
    }

    /** Begins to count from 0 again. */
    void forgetCounts() {
        segmentBytes = 0;
    }

    /** Returns how many received segments have not been said to be consumed. */
    int lent() {
        return lent.size();
    }

    /** Brings one message to where it goes, if there is one. */
    void step() {
        if (queue.isEmpty()) {
            return;
        }
        OnItsWay next = queue.remove(faults.reorder ? random.nextInt(queue.size()) : 0);
        TransferCodec.Frame frame = TransferCodec.encode(next.message);
        byte[] bytes = new byte[(int) frame.bytes()];
        ByteBuffer.wrap(bytes)
                .put(frame.header().duplicate())
                .put(frame.payload().duplicate());
        if (next.message instanceof Data data) {
            segmentBytes += data.bytes().remaining();
            endpoint(next.from).sent.add(data);
        }
        if (endpoint(next.from).dead || endpoint(next.to).dead || happens(faults.drop)) {
            return;
        }
        for (int copies = happens(faults.twice) ? 2 : 1; copies > 0; copies--) {
            arrive(next, bytes.clone());
        }
    }

    private void arrive(OnItsWay message, byte[] bytes) {
        int length = happens(faults.cut) ? random.nextInt(bytes.length) : bytes.length;
        if (happens(faults.flip)) {
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
        TransferCodec.decode(ByteBuffer.wrap(bytes, 0, length)).ifPresent(decoded -> {
            if (decoded instanceof Data data) {
                lent.add(data);
            }
            endpoint(message.to).come.add(new Come(message.from, decoded));
        });
    }

    /** Sends a message in a node's name, as late as one likes. */
    void inject(int from, int to, TransferMessage message) {
        endpoint(to).come.add(new Come(from, message));
        if (message instanceof Data data) {
            lent.add(data);
        }
    }

    private boolean happens(int percent) {
        return percent > 0 && random.nextInt(100) < percent;
    }

    private Endpoint endpoint(int node) {
        Endpoint endpoint = endpoints.get(node);
        if (endpoint == null) {
            throw new IllegalArgumentException("there is no node " + node);
        }
        return endpoint;
    }

    private final class Endpoint implements Transport {
        private final int node;
        private final Deque<Come> come = new ArrayDeque<>();
        private final Deque<Data> sent = new ArrayDeque<>();
        private boolean dead;

        Endpoint(int node) {
            this.node = node;
        }

        @Override
        public boolean isKnown(int other) {
            return endpoints.containsKey(other);
        }

        @Override
        public boolean send(int to, TransferMessage message) {
            if (queue.stream().filter(waiting -> waiting.to == to).count() >= mostQueued) {
                return false;
            }
            queue.add(new OnItsWay(node, to, message));
            return true;
        }

        @Override
        public void consumed(Data data) {
            if (!lent.remove(data)) {
                throw new IllegalStateException(data + " was consumed twice");
            }
            ByteBuffer bytes = data.bytes();
            for (int i = 0; i < bytes.limit(); i++) {
                bytes.put(i, GARBAGE);
            }
        }

        @Override
        public boolean poll(Events events) {
            boolean any = !sent.isEmpty() || !come.isEmpty();
            while (!sent.isEmpty()) {
                events.onSent(sent.remove());
            }
            while (!come.isEmpty()) {
                Come next = come.remove();
                events.onMessage(next.from, next.message);
            }
            return any;
        }
    }
}
