package dev.kvasir.engine.cluster;

import dev.kvasir.pool.SegmentId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What this node holds, and which of it the others have yet to be told. Each segment waits once, however often it was announced and withdrawn, so no more
 * waits than the node has had segments since the last batch. Thread-safe; nothing is held up for longer than it takes to go through a batch.
 */
final class Outbox {
    private final Map<SegmentId, Boolean> held = new HashMap<>();
    private final Set<SegmentId> waiting = new LinkedHashSet<>();
    private final Set<SegmentId> forced =
            new HashSet<>(); // of those, the ones to be written even if nothing has changed

    synchronized void add(Collection<Change> changes) {
        for (Change change : changes) {
            if (change.kind() == Change.Kind.WITHDRAWN) {
                held.remove(change.id());
            } else {
                held.put(change.id(), change.kind() == Change.Kind.REPLICA);
            }
            waiting.add(change.id());
        }
    }

    /** Has segments written again, as they are now. */
    synchronized void force(Collection<SegmentId> ids) {
        waiting.addAll(ids);
        forced.addAll(ids);
    }

    /** Has everything written again. */
    synchronized void forceAll() {
        force(List.copyOf(held.keySet()));
    }

    synchronized boolean isEmpty() {
        return waiting.isEmpty();
    }

    /**
     * Takes the oldest of what waits.
     *
     * @param published what the others were told before
     */
    synchronized List<Change> take(HeldSet published, int most) {
        List<Change> batch = new ArrayList<>();
        Iterator<SegmentId> next = waiting.iterator();
        while (next.hasNext() && batch.size() < most) {
            SegmentId id = next.next();
            next.remove();
            Boolean now = held.get(id);
            Boolean before = published.get(id);
            boolean changed = now == null ? before != null : !now.equals(before);
            if (forced.remove(id) || changed) {
                batch.add(now == null ? new Change(id, Change.Kind.WITHDRAWN) : Change.held(id, now));
            }
        }
        return batch;
    }
}
