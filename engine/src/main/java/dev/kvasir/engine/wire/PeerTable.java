package dev.kvasir.engine.wire;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The nodes that there are, and when to connect to them. Looking one up, {@link #add} and {@link #remove} are for any thread, all else is for the wire's.
 */
final class PeerTable {
    private static final int MAX_DOUBLINGS = 16;

    private final int self;
    private final WireLimits limits;
    private final WireCounters counters;
    private final Timers timers;
    private final RandomGenerator random;
    private final IntConsumer lost;
    private final Map<Integer, Peer> peers = new ConcurrentHashMap<>();
    private Consumer<Peer> connect = peer -> {};
    private volatile int up; // links
    private volatile boolean closed;

    /** @param lost told the number of a node whose link broke */
    PeerTable(
            int self,
            WireLimits limits,
            WireCounters counters,
            Timers timers,
            RandomGenerator random,
            IntConsumer lost) {
        this.self = self;
        this.limits = limits;
        this.counters = counters;
        this.timers = timers;
        this.random = random;
        this.lost = lost;
    }

    /** Says who connects: it ends in {@link #onUp} or {@link #onFailed}. Once, before the first node. */
    void connectBy(Consumer<Peer> connect) {
        this.connect = connect;
    }

    /** Adds a node; {@link #begin} is for the wire's thread to call with what this returns, null if the node is there. */
    @Nullable
    Peer add(int node, String host, int port) {
        if (node < 1 || node == self || port < 1 || port > 0xffff) {
            throw new IllegalArgumentException("node " + node + " at port " + port + " as seen from node " + self);
        }
        Peer added = new Peer(node, host, port, limits);
        Peer there = peers.putIfAbsent(node, added);
        if (there != null) {
            there.moveTo(host, port);
            return null;
        }
        return added;
    }

    /** Takes a node out; {@link #end} is for the wire's thread to call with what this returns, null if there was none. */
    @Nullable
    Peer remove(int node) {
        return peers.remove(node);
    }

    @Nullable
    Peer get(int node) {
        return peers.get(node);
    }

    /** Returns how many links there are. */
    int up() {
        return up;
    }

    void begin(Peer peer) {
        if (closed) {
            peer.outbox.giveUp(false);
        } else if (peers.get(peer.number) == peer) {
            waitForLink(peer);
            tryToConnect(peer);
        }
    }

    void end(Peer peer, String why) {
        peer.cancelTimers();
        counters.onGivenUp(peer.outbox.giveUp(false));
        Link link = peer.link;
        if (link != null) {
            link.close(why); // comes back to onClosed
        } else {
            lost.accept(peer.number);
        }
    }

    void drain(Peer peer) {
        peer.drainDue.set(false);
        if (closed || peers.get(peer.number) != peer) {
            counters.onGivenUp(peer.outbox.giveUp(false)); // it was sent just as the node left
        } else if (peer.link != null) {
            peer.link.drain();
        }
    }

    private void waitForLink(Peer peer) {
        if (peer.grace == null) {
            peer.grace = timers.after(limits.graceMillis(), () -> onOutOfReach(peer));
        }
    }

    private void onOutOfReach(Peer peer) {
        peer.grace = null;
        counters.onGivenUp(peer.outbox.giveUp(false));
        lost.accept(peer.number);
    }

    private void tryToConnect(Peer peer) {
        if (self > peer.number && !peer.connecting && peer.link == null) {
            peer.connecting = true;
            connect.accept(peer);
        }
    }

    /** A link to the node is up. It takes the place of an older one: the node has just proven that it is there, and whoever has two ends them. */
    void onUp(Peer peer, Link link) {
        Link former = peer.link;
        if (former != null) {
            former.close("there is a new one");
        }
        peer.connecting = false;
        peer.cancelTimers();
        peer.link = link;
        peer.attempts = 0;
        counters.onLink(peer.hadLink);
        peer.hadLink = true;
        up++;
        peer.outbox.open();
        link.drain();
    }

    /** An attempt to connect came to nothing. */
    void onFailed(Peer peer) {
        peer.connecting = false;
        if (closed || peers.get(peer.number) != peer || peer.retry != null) {
            return;
        }
        peer.retry = timers.after(backoffMillis(peer.attempts++), () -> {
            peer.retry = null;
            tryToConnect(peer);
        });
    }

    /** The node's link is gone. */
    void onClosed(Peer peer, Link link) {
        if (peer.link != link) {
            return;
        }
        peer.link = null;
        up--;
        boolean stays = !closed && peers.get(peer.number) == peer;
        counters.onGivenUp(peer.outbox.giveUp(stays));
        counters.onLost();
        lost.accept(peer.number);
        if (stays) {
            waitForLink(peer);
            if (self > peer.number) {
                onFailed(peer);
            }
        }
    }

    /** Half of twice the last wait is certain, the other half is chance, so that nodes that lost the same one don't all come back at once. */
    private long backoffMillis(int attempt) {
        long longest =
                Math.min(limits.backoffMaxMillis(), limits.backoffMinMillis() << Math.min(attempt, MAX_DOUBLINGS));
        return longest / 2 + random.nextLong(longest / 2 + 1);
    }

    void close() {
        closed = true;
        for (Peer peer : peers.values()) {
            if (peers.remove(peer.number, peer)) {
                end(peer, "the wire is closed");
            }
        }
    }
}
