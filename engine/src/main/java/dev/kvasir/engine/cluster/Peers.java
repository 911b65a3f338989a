package dev.kvasir.engine.cluster;

import dev.kvasir.engine.cluster.ClusterCounters.Count;
import dev.kvasir.pool.NodeStatus;
import dev.kvasir.pool.SegmentId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/** The other nodes that serve the same model, as they say themselves. Belongs to the directory thread. */
final class Peers {
    private static final int MOST_GONE = 4096;
    private static final int MOST_DEPARTURES = 16;

    private final Incarnation self;
    private final byte[] model;
    private final Seals seals;
    private final ClusterTiming timing;
    private final ClusterCounters counters;
    private final Predicate<UUID> isMember;
    private final LongSupplier nanoTime;
    private final Inbox inbox;
    private final PeerListener listener;
    private final Predicate<SegmentId> isHere;
    private final Deque<Departure> departures = new ArrayDeque<>(); // the latest first
    private long departed;
    private final Map<Integer, PeerView> views = new HashMap<>();

    /** The last sequence of those that left: what isn't later is a replay. */
    private final Map<Integer, Long> gone = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, Long> eldest) {
            return size() > MOST_GONE;
        }
    };

    Peers(
            Incarnation self,
            byte[] model,
            Seals seals,
            ClusterTiming timing,
            ClusterCounters counters,
            Predicate<UUID> isMember,
            LongSupplier nanoTime,
            Inbox inbox,
            PeerListener listener,
            Predicate<SegmentId> isHere) {
        this.self = self;
        this.model = model;
        this.seals = seals;
        this.timing = timing;
        this.counters = counters;
        this.isMember = isMember;
        this.nanoTime = nanoTime;
        this.inbox = inbox;
        this.listener = listener;
        this.isHere = isHere;
    }

    int count() {
        return views.size();
    }

    /** Returns how they are, as they said last. */
    List<NodeStatus> statuses() {
        return views.values().stream().map(view -> view.status().status()).toList();
    }

    /** Returns what is known of them. */
    List<PeerReport> reports() {
        return views.values().stream()
                .map(view -> new PeerReport(view.peer(), view.status().status(), view.heardNanos(), view.heldCount()))
                .toList();
    }

    /** Returns who went last, the latest first. */
    List<Departure> departures() {
        return List.copyOf(departures);
    }

    /** Returns what each of them holds and whether that is a replica, copied. */
    Map<Integer, Map<SegmentId, Boolean>> views() {
        Map<Integer, Map<SegmentId, Boolean>> all = new HashMap<>();
        views.forEach((node, view) -> all.put(node, view.segments()));
        return all;
    }

    /** Adds up who holds how much of a path, where it goes on being held by anybody. */
    void countHeld(List<SegmentId> path, HeldSet own, Map<Integer, Integer> counts) {
        for (SegmentId id : path) {
            boolean held = own.get(id) != null;
            if (held) {
                counts.merge(self.node(), 1, Integer::sum);
            }
            for (Map.Entry<Integer, PeerView> entry : views.entrySet()) {
                if (entry.getValue().holds(id)) {
                    counts.merge(entry.getKey(), 1, Integer::sum);
                    held = true;
                }
            }
            if (!held) {
                return;
            }
        }
    }

    /**
     * Takes an entry of the map of nodes.
     *
     * @return whether another has this node's number, and says so with the cluster's secret
     */
    boolean onStatus(byte[] bytes) {
        try {
            Status status = Status.decode(bytes, seals.status());
            if (status.incarnation().node() == self.node()) {
                return isImpostor(status);
            }
            onStatus(status);
        } catch (RefusedException e) {
            counters.add(e.reason());
        }
        return false;
    }

    private boolean isImpostor(Status status) {
        if (status.incarnation().equals(self)) {
            return false;
        }
        counters.add(Count.DROPPED_NUMBER);
        return true;
    }

    private void onStatus(Status status) {
        int node = status.incarnation().node();
        PeerView view = views.get(node);
        if (view == null) {
            if (status.sequence() <= gone.getOrDefault(node, Long.MIN_VALUE)) {
                counters.add(Count.DROPPED_REPLAY);
            } else if (!status.leaving() && status.isOfModel(model) && isMember.test(status.member())) {
                join(node, status);
            }
        } else if (!status.incarnation().equals(view.status().incarnation())) {
            counters.add(Count.DROPPED_NUMBER);
        } else if (status.sequence() < view.status().sequence()) {
            counters.add(Count.DROPPED_REPLAY);
        } else if (status.sequence() > view.status().sequence()) {
            update(node, view, status);
        }
    }

    private void join(int node, Status status) {
        PeerView view = new PeerView(status, nanoTime.getAsLong(), counters);
        views.put(node, view);
        counters.add(Count.JOINED);
        listener.onPeer(view.peer());
        inbox.add(new Inbox.Item.Reported(status.status()));
    }

    private void update(int node, PeerView view, Status status) {
        if (status.leaving()) {
            leave(node, true);
            gone.put(node, Long.MAX_VALUE);
            return;
        }
        Status before = view.status();
        Peer peerBefore = view.peer();
        view.onStatus(status, nanoTime.getAsLong(), nanos(timing.statusMillis()));
        if (!view.peer().equals(peerBefore)) {
            listener.onPeer(view.peer());
        }
        if (!before.status().equals(status.status())) {
            inbox.add(new Inbox.Item.Reported(status.status()));
        }
    }

    /** Takes a message of the bus. */
    void onDelta(byte[] bytes) {
        try {
            Delta delta = Delta.decode(bytes, seals.delta());
            PeerView view = views.get(delta.incarnation().node());
            if (view == null) {
                counters.add(Count.DROPPED_UNKNOWN);
            } else if (!delta.incarnation().equals(view.status().incarnation())) {
                counters.add(Count.DROPPED_NUMBER);
            } else if (inbox.hasRoom()) {
                pass(delta.incarnation().node(), view.onDelta(delta));
            } else {
                counters.add(Count.DROPPED_OVERLOAD);
                view.lose();
            }
        } catch (RefusedException e) {
            counters.add(e.reason());
        }
    }

    private void pass(int node, List<Change> changes) {
        if (!changes.isEmpty()) {
            inbox.add(new Inbox.Item.Changed(node, changes));
        }
    }

    /** Lets go of those that are no members or have said nothing new for too long. */
    void dropTheStale() {
        long now = nanoTime.getAsLong();
        for (Map.Entry<Integer, PeerView> entry : List.copyOf(views.entrySet())) {
            PeerView view = entry.getValue();
            if (!isMember.test(view.status().member()) || view.isStale(now, nanos(timing.staleMillis()))) {
                leave(entry.getKey(), false);
            }
        }
    }

    /** Lets go of all. */
    void dropAll() {
        List.copyOf(views.keySet()).forEach(node -> leave(node, false));
    }

    private void leave(int node, boolean farewell) {
        PeerView view = views.remove(node);
        if (view != null) {
            gone.remove(node); // the youngest goes last
            gone.put(node, view.status().sequence());
            counters.add(Count.LEFT);
            listener.onPeerLeft(node);
            Set<SegmentId> held = view.held();
            departures.addFirst(new Departure(++departed, node, farewell, held.size(), (int)
                    held.stream().filter(this::isHeld).count()));
            if (departures.size() > MOST_DEPARTURES) {
                departures.removeLast();
            }
            inbox.add(new Inbox.Item.Left(node, held));
        }
    }

    private boolean isHeld(SegmentId id) {
        return isHere.test(id) || views.values().stream().anyMatch(view -> view.holds(id));
    }

    /** Returns whose segments are to be read from the map now; they are taken to be read from here on. */
    List<Incarnation> beginReading() {
        List<Incarnation> begun = new ArrayList<>();
        long now = nanoTime.getAsLong();
        for (PeerView view : views.values()) {
            if (view.wantsRead(now) && inbox.hasRoom()) {
                view.beginReading();
                begun.add(view.status().incarnation());
            }
        }
        return begun;
    }

    void endReading(Incarnation incarnation, Collection<Change> entries) {
        PeerView view = views.get(incarnation.node());
        if (view != null && view.status().incarnation().equals(incarnation) && view.isReading()) {
            pass(incarnation.node(), view.endReading(entries));
        }
    }

    void failReading(Incarnation incarnation) {
        PeerView view = views.get(incarnation.node());
        if (view != null && view.status().incarnation().equals(incarnation) && view.isReading()) {
            view.failReading(nanoTime.getAsLong(), nanos(timing.statusMillis()));
        }
    }

    private static long nanos(long millis) {
        return millis * 1_000_000;
    }
}
