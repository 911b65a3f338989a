package dev.kvasir.engine.wire;

import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A node in the table. What isn't final or volatile belongs to the wire's thread. */
final class Peer {
    /** Where a node listens. */
    record Place(String host, int port) {}

    final int number;
    final Outbox outbox;
    /** Whether the wire's thread was told that something waits. */
    final AtomicBoolean drainDue = new AtomicBoolean();

    private volatile Place place;

    @Nullable
    Link link; // that is up

    boolean connecting;
    boolean hadLink;
    int attempts; // to connect since there was a link
    Timers.@Nullable Timer grace; // until what waits is given up
    Timers.@Nullable Timer retry;

    Peer(int number, String host, int port, WireLimits limits) {
        this.number = number;
        this.place = new Place(host, port);
        this.outbox = new Outbox(limits);
    }

    Place place() {
        return place;
    }

    void moveTo(String host, int port) {
        place = new Place(host, port);
    }

    void cancelTimers() {
        if (grace != null) {
            grace.cancel();
            grace = null;
        }
        if (retry != null) {
            retry.cancel();
            retry = null;
        }
    }
}
