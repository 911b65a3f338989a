package dev.kvasir.engine.cluster;

import dev.kvasir.engine.cluster.ClusterCounters.Count;
import dev.kvasir.pool.SegmentId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is known of one peer, kept by the directory thread.
 *
 * <pre>
 *   lacking --begin--> reading --read--> following --a delta is missing, or it isn't what the status says--> lacking
 *      ^                  |
 *      +---- failed ------+
 * </pre>
 */
final class PeerView {
    /*
     * A peer writes a batch to the map, then sends the delta, then says the delta's number in its statuses. So the map has at least all deltas that were
     * heard of before reading began. What comes while it's being read waits, and is applied from the first delta that wasn't heard of
     * before, in order. The map may have had some of it: applying a delta again, with all that follow, gives the same set.
     *
     * Whatever is lost after all shows in the checksum of the next status.
     */
    private enum State {
        LACKING,
        READING,
        FOLLOWING
    }

    private static final int MOST_WAITING = 1 << 16; // changes

    private final ClusterCounters counters;
    private final HeldSet held = new HeldSet();
    private final Deque<Delta> waiting = new ArrayDeque<>();
    private Status status;
    private long heardNanos;
    private State state = State.LACKING;
    private int waitingChanges;
    private long heard; // number of the last delta that was heard of
    private long base; // as it was when reading began
    private long applied;
    private int mismatches; // one after the other
    private long earliestRead;

    PeerView(Status status, long nanoTime, ClusterCounters counters) {
        this.status = status;
        this.heardNanos = nanoTime;
        this.counters = counters;
        heard = status.delta();
        earliestRead = nanoTime;
    }

    Status status() {
        return status;
    }

    Peer peer() {
        return new Peer(status.incarnation().node(), status.role(), status.address());
    }

    /** Returns a copy of what it holds. */
    Set<SegmentId> held() {
        return new HashSet<>(held.segments().keySet());
    }

    Map<SegmentId, Boolean> segments() {
        return Map.copyOf(held.segments());
    }

    boolean holds(SegmentId id) {
        return held.get(id) != null;
    }

    int heldCount() {
        return held.segments().size();
    }

    long heardNanos() {
        return heardNanos;
    }

    boolean isStale(long nanoTime, long staleNanos) {
        return nanoTime - heardNanos > staleNanos;
    }

    /** Returns whether the map has to be read, and may be. */
    boolean wantsRead(long nanoTime) {
        return state == State.LACKING && nanoTime - earliestRead >= 0;
    }

    /**
     * Takes the next status, one with a greater sequence.
     *
     * @param retryNanos how long to wait at first before the map is read once more when it wasn't right
     */
    void onStatus(Status next, long nanoTime, long retryNanos) {
        if (state == State.FOLLOWING) {
            check(next, nanoTime, retryNanos);
        }
        heard = Math.max(heard, next.delta());
        status = next;
        heardNanos = nanoTime;
    }

    private void check(Status next, long nanoTime, long retryNanos) {
        if (status.delta() > applied) {
            state = State.LACKING; // said a status ago, and still not here
        } else if (next.delta() == applied && !next.held().equals(held.checksum())) {
            counters.add(Count.MISMATCHES);
            state = State.LACKING;
            // Read again, less and less often: its node puts the map right, or somebody keeps it wrong.
            earliestRead = nanoTime + (mismatches == 0 ? 0 : retryNanos << Math.min(mismatches, 5));
            mismatches++;
        } else if (next.delta() == applied) {
            mismatches = 0;
        }
    }

    /** Takes a delta and returns which changes were some; none if it has to wait or one is missing. */
    List<Change> onDelta(Delta delta) {
        heard = Math.max(heard, delta.sequence());
        if (state == State.READING) {
            keep(delta);
            return List.of();
        }
        if (state == State.LACKING) {
            return List.of();
        }
        return apply(delta);
    }

    private void keep(Delta delta) {
        waitingChanges += delta.changes().size() + 1;
        if (waitingChanges <= MOST_WAITING) {
            waiting.add(delta);
        } else {
            counters.add(Count.DROPPED_OVERLOAD); // a gap, which shows when reading ends
        }
    }

    private List<Change> apply(Delta delta) {
        if (delta.sequence() <= applied) {
            counters.add(Count.DROPPED_REPLAY);
            return List.of();
        }
        if (delta.sequence() > applied + 1) {
            state = State.LACKING;
            return List.of();
        }
        applied = delta.sequence();
        List<Change> effective = new ArrayList<>();
        for (Change change : delta.changes()) {
            if (change.applyTo(held)) {
                effective.add(change);
            }
        }
        counters.add(Count.CHANGES_TAKEN, effective.size());
        return effective;
    }

    /** Gives up following: what came could not be kept. */
    void lose() {
        if (state == State.FOLLOWING) {
            state = State.LACKING;
        }
    }

    boolean isReading() {
        return state == State.READING;
    }

    void beginReading() {
        state = State.READING;
        base = heard;
        waiting.clear();
        waitingChanges = 0;
        counters.add(Count.RESYNCS);
    }

    void failReading(long nanoTime, long retryNanos) {
        state = State.LACKING;
        earliestRead = nanoTime + retryNanos;
        waiting.clear();
        counters.add(Count.RESYNCS_FAILED);
    }

    /** Takes all entries of the map that are the peer's, and returns what has changed. */
    List<Change> endReading(Collection<Change> entries) {
        Set<SegmentId> gone = held();
        List<Change> effective = new ArrayList<>();
        for (Change entry : entries) {
            gone.remove(entry.id());
            if (entry.applyTo(held)) {
                effective.add(entry);
            }
        }
        for (SegmentId id : gone) {
            held.remove(id);
            effective.add(new Change(id, Change.Kind.WITHDRAWN));
        }
        state = State.FOLLOWING;
        applied = base;
        while (!waiting.isEmpty() && state == State.FOLLOWING) {
            Delta next = waiting.remove();
            if (next.sequence() > base) {
                effective.addAll(apply(next));
            }
        }
        waiting.clear();
        return effective;
    }
}
