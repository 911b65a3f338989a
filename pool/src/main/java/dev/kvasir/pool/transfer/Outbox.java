package dev.kvasir.pool.transfer;

import dev.kvasir.pool.TransferMessage;
import dev.kvasir.pool.Transport;
import java.util.ArrayDeque;
import java.util.Deque;

/** Small messages on their way to the transport, which may not take them at once. What can't be sent for a lease is of no use any more. */
final class Outbox {
    private static final int MOST = 1024;

    private record Letter(int node, TransferMessage message, long writtenAt) {}

    private final Transport transport;
    private final long leaseNanos;
    private final Deque<Letter> letters = new ArrayDeque<>();

    Outbox(Transport transport, long leaseNanos) {
        this.transport = transport;
        this.leaseNanos = leaseNanos;
    }

    boolean isEmpty() {
        return letters.isEmpty();
    }

    /** Sends a message as soon as can be. The oldest is dropped where there are too many: its transfer ends with its lease. */
    void send(int node, TransferMessage message, long now) {
        if (transport.send(node, message)) {
            return;
        }
        if (letters.size() == MOST) {
            letters.removeFirst();
        }
        letters.addLast(new Letter(node, message, now));
    }

    void flush(long now) {
        letters.removeIf(letter -> now - letter.writtenAt >= leaseNanos || transport.send(letter.node, letter.message));
    }
}
