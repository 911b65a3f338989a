package dev.kvasir.engine.routing;

import dev.kvasir.engine.cluster.Seal;
import dev.kvasir.engine.routing.RoutingCounters.Count;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Seals messages to one node and opens those from others. Belongs to the loop.
 *
 * <pre>
 * version 1 | sender 4 | receiver 4 | sequence 8 | message | seal 16
 * </pre>
 *
 * <p>A node's number is never used twice, so sender, receiver and sequence are never the same for two messages. Sequences rise: what is sealed and doesn't
 * rise is a replay, and is dropped.
 */
final class Envelopes {
    /** A submission of the longest prompt fits. */
    static final int LONGEST = 8 << 20;

    private static final byte VERSION = 1;
    private static final int HEADER = 1 + 4 + 4 + 8;
    private static final int MOST_SENDERS = 4096;

    private final int self;
    private final Seal seal;
    private final RoutingCounters counters;
    private long sent;

    /** The last sequence of each; it outlives the node's being a peer, so that nothing can be said again when it returns. */
    private final Map<Integer, Long> last = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, Long> eldest) {
            return size() > MOST_SENDERS;
        }
    };

    /** A message and who says it. */
    record Opened(int sender, RoutingMessage message) {}

    Envelopes(int self, Seal seal, RoutingCounters counters) {
        this.self = self;
        this.seal = seal;
        this.counters = counters;
    }

    byte[] close(int receiver, RoutingMessage message) {
        byte[] body = MessageCodec.encode(message);
        ByteBuffer to = ByteBuffer.allocate(HEADER + body.length + Seal.BYTES)
                .put(VERSION)
                .putInt(self)
                .putInt(receiver)
                .putLong(++sent)
                .put(body);
        return seal.close(to);
    }

    /** Opens one; empty if it's no good, which is counted. */
    Optional<Opened> open(byte[] bytes) {
        if (bytes.length <= HEADER + Seal.BYTES || bytes.length > LONGEST) {
            return drop(Count.DROPPED_LENGTH);
        }
        if (bytes[0] != VERSION) {
            return drop(Count.DROPPED_VERSION);
        }
        if (!seal.isWhole(bytes)) {
            return drop(Count.DROPPED_SEAL);
        }
        ByteBuffer from = ByteBuffer.wrap(bytes, 1, bytes.length - 1 - Seal.BYTES);
        int sender = from.getInt();
        if (from.getInt() != self || sender == self || sender < 1) {
            return drop(Count.DROPPED_RECEIVER);
        }
        long sequence = from.getLong();
        if (sequence <= last.getOrDefault(sender, 0L)) {
            return drop(Count.DROPPED_REPLAY);
        }
        last.put(sender, sequence);
        try {
            RoutingMessage message = MessageCodec.decode(from);
            return from.hasRemaining() ? drop(Count.DROPPED_VALUE) : Optional.of(new Opened(sender, message));
        } catch (RuntimeException e) {
            return drop(Count.DROPPED_VALUE); // whatever a buffer or a record's own checks threw
        }
    }

    private Optional<Opened> drop(Count reason) {
        counters.add(reason);
        return Optional.empty();
    }
}
